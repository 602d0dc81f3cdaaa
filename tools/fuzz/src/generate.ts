// SPDX-License-Identifier: Apache-2.0
import { mutate } from "../../../packages/fuzz/src/mutate.ts";
import { latin1 } from "../../testkit/latin1.ts";
import type { Random } from "../../testkit/random.ts";

/** Generates a header block that was valid before it was mutated. */
export function headerBlock(random: Random): Uint8Array {
  let text = random.pick([
    "NATS/1.0",
    "NATS/1.0 503",
    "NATS/1.0 408 Request Timeout",
    "NATS/1.0  100 \tIdle ",
    "NATS/1.0 50",
    "NATS/1.0 1 h",
  ]);
  for (let lines = random.below(4); lines > 0; lines--) {
    text += `\r\n${random.pick(["A", "b-c", "Nats-Msg-Id", "__proto__"])}:${random.pick([" x", "y", "  z\t", "", " a:b"])}`;
  }
  const valid = latin1(`${text}\r\n\r\n`);
  return random.once(8) ? valid : mutate(valid, valid, random);
}

/** Generates a JSON object that was valid before it was mutated. */
export function jsonText(random: Random): Uint8Array {
  const field = (): string =>
    `${random.pick(['"max_payload"', '"headers"', '"nonce"', '"verbose"', '"name"', '"__proto__"', '"x"', '"connect_urls"', '"protocol"'])}:${random.pick(["1", "true", '"a"', "null", "-0", "1e999", '["a"]', "[1]", "{}", '"\\ud800"'])}`;
  const valid = latin1(`{${Array.from({ length: random.below(4) }, field).join(",")}}`);
  return random.once(3) ? valid : mutate(valid, valid, random);
}

/** Generates the fields of a frame, separated by 0x1F: text that is rich in separators. */
export function fields(random: Random): Uint8Array {
  const pieces = [" ", "\t", "\r", "\n", "\r\n", "\0", ".", "..", "*", ">", ":", "'", '"', "a", "b1", "0", "\x1f"];
  pieces.push(
    "\x1f",
    "\x90",
    "\x91",
    "\x92",
    "\x98",
    "\x98\x99",
    "\x9a",
    "\x7f",
    "PING\r\n",
    "é",
    "-",
    "NATS/1.0",
    "x".repeat(30),
    "{}",
    "1 ",
  );
  let text = String.fromCharCode(random.below(256), random.below(256));
  for (let count = 1 + random.below(9); count > 0; count--) text += random.pick(pieces);
  return latin1(text);
}
