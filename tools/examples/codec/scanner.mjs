// SPDX-License-Identifier: Apache-2.0
// Reads frames without making objects: node scanner.mjs
import { Scanner, serverFrames } from "@natswire/codec";

const scanner = new Scanner(serverFrames);
scanner.push(new TextEncoder().encode("MSG orders.new 7 5\r\napple\r\nPING\r\nPI"));
while (scanner.next() !== 0) {
  const bytes = scanner.frame()?.length;
  if (scanner.size > 0) console.log(scanner.subject(), "for", scanner.sid, "with", scanner.size, "bytes");
  else console.log(bytes, "bytes without a payload");
}
console.log("the next frame starts at byte", scanner.offset);
