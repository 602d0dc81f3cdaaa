// SPDX-License-Identifier: Apache-2.0
// A proxy between two servers of a cluster that prints what crosses: node routes.mjs 6250 6248
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { Decoder, ProtocolError } from "@natswire/codec";
import { RouteLink } from "@natswire/codec/cluster";

const [port, upstream] = process.argv.slice(2).map(Number);
let connections = 0;

const proxy = createServer((connecting) => {
  const number = ++connections;
  const accepting = connect(upstream, "127.0.0.1");
  const link = new RouteLink(); // one for each connection
  // Print a chunk before the proxy forwards it, so that the answer comes later.
  watch(`${number} ->`, connecting, new Decoder(link.connecting), link);
  watch(`${number} <-`, accepting, new Decoder(link.accepting), link);
  pipeline(connecting, accepting, () => {});
  pipeline(accepting, connecting, () => {});
});
proxy.listen(port, "127.0.0.1", () => {
  const { port } = Object(proxy.address());
  console.log("listening at port", port);
});

/** @typedef {import("@natswire/codec/cluster").RouteFrame} RouteFrame */

/**
 * @param {string} who
 * @param {import("node:net").Socket} socket
 * @param {Decoder<RouteFrame>} decoder
 * @param {RouteLink} link
 */
function watch(who, socket, decoder, link) {
  const text = new TextDecoder();
  socket.on("data", function decode(chunk) {
    decoder.push(chunk);
    try {
      for (const frame of decoder) {
        if (frame.op === "info") {
          const { server_name: name, compression = "off" } = frame.info;
          console.log(who, name, `compression ${compression}, account ${link.account}`);
        } else if (frame.op === "rs+" || frame.op === "rs-") {
          const { op, account = link.account, subject, queue = "" } = frame;
          const weight = frame.op === "rs+" ? (frame.weight ?? "") : "";
          console.log(who, op, account, subject, queue, weight);
        } else if (frame.op === "rmsg") {
          const { account = link.account, subject, queues, payload } = frame;
          console.log(who, account, subject, queues, text.decode(payload));
        }
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // For example compression or TLS. The proxy still forwards bytes.
      console.log(who, error.code, "at byte", error.offset);
      socket.off("data", decode);
    }
  });
}
