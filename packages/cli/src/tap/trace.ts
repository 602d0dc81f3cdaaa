// SPDX-License-Identifier: Apache-2.0
import type { Listen, Transport } from "@natswire/io";
import { ConnectionMonitor, type FrameSink } from "./connection-monitor.ts";

/**
 * Returns a function that wraps the listeners of an embedded server, so that their connections are reported to a sink.
 * Frames are seen before TLS encrypts them.
 */
export function traceTo(sink: FrameSink): (listen: Listen) => Listen {
  const started = performance.now();
  let connections = 0;
  return (listen) => (address, accept, limits) =>
    listen(
      address,
      (transport, origin) => {
        const monitor = new ConnectionMonitor(++connections, [sink], () => performance.now() - started);
        const write: Transport["write"] = (bytes, more) => {
          monitor.received("server", bytes);
          return transport.write(bytes, more);
        };
        const handler = accept({ ...transport, write }, origin);
        return {
          ...handler,
          open() {
            monitor.event("opened");
            handler.open();
          },
          data(chunk) {
            monitor.received("client", chunk);
            handler.data(chunk);
          },
          close(error) {
            monitor.event("closed", error?.message);
            handler.close(error);
          },
        };
      },
      limits,
    );
}
