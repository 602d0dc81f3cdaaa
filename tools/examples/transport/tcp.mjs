// Your own transport: TCP in Node, without TLS. Test it: npm run suite -- tools/examples/transport/tcp.mjs
import { connect as connectTcp } from "node:net";
import { connectWith } from "@natswire/io";

/** @type {import("@natswire/io").Dial} */
const dial = (to, on) => {
  const socket = connectTcp({ host: to.host, port: to.port, noDelay: true });
  /** @type {Error | undefined} */
  let failure;
  let isClosing = false;
  socket.on("connect", () => on.open());
  // Copied: the receiver keeps views of the chunk, and a runtime may reuse its buffer.
  socket.on("data", (chunk) => isClosing || on.data(new Uint8Array(chunk)));
  socket.on("drain", () => on.ready());
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", () => on.close(failure));
  return {
    write: (bytes) =>
      isClosing || socket.write(bytes, (error) => error || on.written(bytes.length)),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close(grace = 1000) {
      isClosing = true;
      socket.end().resume();
      const late = setTimeout(() => socket.destroy(), grace);
      socket.once("close", () => clearTimeout(late));
    },
    abort: () => void socket.destroy(),
  };
};

export const dialWith = () => dial;

/** @param {Parameters<typeof connectWith>[1]} options */
export const connect = (options) => connectWith(dial, options);
