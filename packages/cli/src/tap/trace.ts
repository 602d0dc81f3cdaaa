// SPDX-License-Identifier: Apache-2.0
import type { Listen } from "@natswire/io";
import { ConnectionMonitor, type FrameSink } from "./connection-monitor.ts";

/**
 * Returns a function that wraps the listeners of an embedded server, so that their connections are reported to a sink.
 * Frames are seen before TLS encrypts them.
 */
export function traceTo(sink: FrameSink): (listen: Listen) => Listen {
  const started = performance.now();
  let connections = 0;
  return (listen) => (address, accept) =>
    listen(address, (transport) => {
      const monitor = new ConnectionMonitor(++connections, [sink], () => performance.now() - started);
      const handler = accept({
        ...transport,
        write(bytes, more) {
          monitor.received("server", bytes);
          return transport.write(bytes, more);
        },
      });
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
    });
}
