// SPDX-License-Identifier: Apache-2.0
import type { Listen, Transport } from "@natswire/io";
import { formatPeer } from "./addresses.ts";
import { ConnectionMonitor, type FrameSink, startClock } from "./connection-monitor.ts";

/**
 * Returns a function that wraps the listeners of an embedded server, so that their connections are reported to a sink.
 * Frames are seen before TLS encrypts them.
 */
export function traceTo(sink: FrameSink): (listen: Listen) => Listen {
  const now = startClock();
  let connections = 0;
  return (listen) => (address, accept, limits) =>
    listen(
      address,
      (transport, origin) => {
        const client = formatPeer(origin?.address, origin?.port);
        const monitor = new ConnectionMonitor(++connections, [sink]);
        const write: Transport["write"] = (bytes, more) => {
          monitor.received(now(), "server", bytes);
          return transport.write(bytes, more);
        };
        const handler = accept({ ...transport, write }, origin);
        return {
          ...handler,
          open() {
            monitor.event(now(), "opened", client === undefined ? {} : { client });
            handler.open();
          },
          data(chunk) {
            monitor.received(now(), "client", chunk);
            handler.data(chunk);
          },
          close(error) {
            monitor.event(now(), "closed", error && { reason: error.message });
            handler.close(error);
          },
        };
      },
      limits,
    );
}
