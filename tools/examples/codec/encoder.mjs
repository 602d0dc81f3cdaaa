// SPDX-License-Identifier: Apache-2.0
// Encodes frames into few segments, for a socket: node encoder.mjs
import { Encoder } from "@natswire/codec";

const encoder = new Encoder();
encoder.push({ op: "sub", subject: "orders.*", sid: "1" });
encoder.push({ op: "ping" });
for (let segment = encoder.pull(); segment !== undefined; segment = encoder.pull()) {
  console.log(JSON.stringify(new TextDecoder().decode(segment))); // here: socket.write(segment)
  encoder.release(segment.length); // after the socket has written it
}
console.log(encoder.pending, "bytes pending");
