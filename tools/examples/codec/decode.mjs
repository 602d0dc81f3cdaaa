// SPDX-License-Identifier: Apache-2.0
// Decodes what a server sent in two chunks, and answers its PING: node decode.mjs
import { Decoder, encode, serverFrames } from "@natswire/codec";

const text = new TextDecoder();
const decoder = new Decoder(serverFrames);
for (const chunk of ["MSG orders.new 1 5\r\nap", "ple\r\nPING\r\n"]) {
  decoder.push(new TextEncoder().encode(chunk));
  for (const frame of decoder) {
    if (frame.op === "msg") console.log(frame.subject, text.decode(frame.payload));
    if (frame.op === "ping") console.log(JSON.stringify(text.decode(encode({ op: "pong" }))));
  }
}
