// SPDX-License-Identifier: Apache-2.0
// A proxy between clients and a server that prints their frames: node proxy.mjs 4223 4222
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { clientFrames, Decoder, ProtocolError, serverFramesWithAnySid } from "@natswire/codec";

const [port, upstream = 4222] = process.argv.slice(2).map(Number);
let connections = 0;

const proxy = createServer((client) => {
  const number = ++connections;
  const server = connect(upstream, "127.0.0.1");
  server.on("error", (error) => console.log(number, "--", error.message)); // for example: no server is listening
  // Bytes are forwarded unchanged, even if they cannot be decoded. If one side fails, the other one is closed.
  pipeline(client, server, () => {});
  pipeline(server, client, () => {});
  // The larger limits of server frames, so that the proxy still shows a frame that the server will reject.
  watch(`${number} ->`, client, new Decoder(clientFrames, serverFramesWithAnySid.limits));
  // A client may choose any token as sid. `serverFrames` expects digits, which most clients choose.
  watch(`${number} <-`, server, new Decoder(serverFramesWithAnySid));
});
proxy.listen(port, "127.0.0.1", () => console.log("listening at port", Object(proxy.address()).port));

/** @param {string} who @param {import("node:net").Socket} socket @param {Decoder<any>} decoder */
function watch(who, socket, decoder) {
  socket.on("data", function decode(chunk) {
    decoder.push(chunk);
    try {
      for (const { op, ...fields } of decoder) console.log(who, op, JSON.stringify(fields, printable));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      console.log(who, error.code, "at byte", error.offset); // TLS, for example; the proxy still forwards bytes
      socket.off("data", decode);
    }
  });
}

/** Hides credentials, and turns bytes into text. @param {string} key @param {unknown} value */
function printable(key, value) {
  if (["pass", "auth_token", "jwt", "sig", "nonce"].includes(key)) return "***";
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
}
