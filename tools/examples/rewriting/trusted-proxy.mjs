// SPDX-License-Identifier: Apache-2.0
// Signs the connections of clients, for a server that trusts it: node trusted-proxy.mjs 4223 4222
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { clientFrames, Decoder, encode, serverErrorText, serverFrames } from "@natswire/codec";
import { nkeyAuthenticator } from "@natswire/node";

/** @typedef {import("node:net").Socket} Socket */

const [port, upstream = 4222] = process.argv.slice(2).map(Number);
const sign = nkeyAuthenticator(process.env["SEED"] ?? "");

const proxy = createServer((client) => {
  const server = connect(upstream, "127.0.0.1");
  client.on("error", () => server.destroy()).on("close", () => server.destroySoon());
  server.on("error", () => client.destroy()).on("close", () => client.destroySoon());
  introduce(client, server).catch((error) => {
    console.log("closes a connection:", error.message);
    client.end(encode({ op: "err", text: serverErrorText("AUTHORIZATION") }));
    server.destroy();
  });
});
proxy.listen(port, "127.0.0.1", () => {
  console.log("listening at port", Object(proxy.address()).port);
});

/** Adds the signature to CONNECT, and passes on the rest. @param {Socket} client @param {Socket} server */
async function introduce(client, server) {
  const info = await firstFrame(server, serverFrames);
  if (info.op !== "info") throw new Error(`the server sent ${info.op}, not INFO`);
  const { nonce, api_lvl = 0 } = info.info;
  // From level 2 on a server knows trusted proxies. If it has some, it sends a nonce.
  if (nonce === undefined || api_lvl < 2) throw new Error("the server trusts no proxies");
  const { sig: proxy_sig = "" } = await sign(nonce);
  client.write(encode(info));

  const connect = await firstFrame(client, clientFrames);
  if (connect.op !== "connect") throw new Error(`the client sent ${connect.op}, not CONNECT`);
  const options = { ...connect.options, proxy_sig };
  server.write(encode({ op: "connect", options, extra: connect.options }));
  // From here on, all bytes are passed on as they are.
  pipeline(client, server, () => {});
  pipeline(server, client, () => {});
}

/**
 * Reads the first frame of a socket. What follows it stays in the socket.
 *
 * @template F
 * @param {Socket} socket @param {import("@natswire/codec").Grammar<F>} grammar @returns {Promise<F>}
 */
async function firstFrame(socket, grammar) {
  const decoder = new Decoder(grammar);
  for (;;) {
    const chunk = socket.read();
    if (chunk === null) {
      await once(socket, "readable");
      continue;
    }
    decoder.push(chunk);
    const frame = decoder.pull();
    if (frame === undefined) continue;
    const rest = chunk.subarray(chunk.length - decoder.buffered);
    if (rest.length > 0) socket.unshift(rest);
    return frame;
  }
}
