// SPDX-License-Identifier: Apache-2.0
// The embedded server on a transport of your own: TCP in Node, without TLS.
import { createServer } from "node:net";
import { serveWith } from "@natswire/io";

/** @type {import("@natswire/io").Listen} */
const listen = ({ host, port }, accept) =>
  new Promise((resolve, reject) => {
    const tcp = createServer({ noDelay: true }, (socket) => {
      const on = accept({
        write: (bytes) =>
          !socket.writable ||
          socket.write(bytes, (error) => error || on.written(bytes.length)),
        pause: () => void socket.pause(),
        resume: () => void socket.resume(),
        close(grace = 1000) {
          socket.removeAllListeners("data").end().resume();
          const late = setTimeout(() => socket.destroy(), grace);
          socket.once("close", () => clearTimeout(late));
        },
        abort: () => void socket.destroy(),
      });
      /** @type {Error | undefined} */
      let failure;
      socket.on("data", (chunk) => on.data(new Uint8Array(chunk)));
      socket.on("drain", () => on.ready());
      socket.on("error", (error) => {
        failure = error;
      });
      socket.on("close", () => on.close(failure));
      on.open();
    });
    tcp.once("error", reject);
    tcp.listen(port, host, () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (tcp.address());
      resolve({
        url: `nats://${host}:${port}`,
        port,
        close: async () => void tcp.close(),
      });
    });
  });

/** @param {Parameters<typeof serveWith>[1]} options */
export const serve = (options) => serveWith(listen, options);
