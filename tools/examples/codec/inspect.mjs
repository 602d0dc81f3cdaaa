// SPDX-License-Identifier: Apache-2.0
// Prints the frames of bytes, with their offsets: node inspect.mjs client < recorded-from-a-client
import { clientFrames, Decoder, decodeHeaders, ProtocolError, serverFrames } from "@natswire/codec";

const text = new TextDecoder();
const decoder = process.argv[2] === "client" ? new Decoder(clientFrames) : new Decoder(serverFrames);

/** @param {number} at @param {import("@natswire/codec").ClientFrame | import("@natswire/codec").ServerFrame} frame */
function print(at, frame) {
  if (frame.op !== "msg" && frame.op !== "pub") return console.log(at, frame.op);
  const headers = frame.headers === undefined ? [] : [...(decodeHeaders(frame.headers) ?? [["malformed", ""]])];
  const flaw = frame.flaw === undefined ? "" : `, odd bytes in ${frame.flaw}`;
  console.log(at, frame.op, frame.subject, JSON.stringify(headers), text.decode(frame.payload) + flaw);
}

try {
  for await (const chunk of process.stdin) {
    decoder.push(chunk);
    let at = decoder.offset;
    for (const frame of decoder) {
      print(at, frame);
      at = decoder.offset;
    }
  }
  if (decoder.buffered > 0) console.log(decoder.offset, `unfinished: ${decoder.buffered} bytes`);
} catch (error) {
  if (!(error instanceof ProtocolError)) throw error;
  console.log(error.message);
  process.exitCode = 1;
}
