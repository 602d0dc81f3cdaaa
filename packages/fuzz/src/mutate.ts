// SPDX-License-Identifier: Apache-2.0

import { latin1 } from "./latin1.ts";
import type { Random } from "./random.ts";

const LONGEST = 2048;

/** What has a meaning in the NATS protocol: verbs, blanks, line ends, numbers at their limits, JSON, parts of headers. */
export const dictionary: readonly Uint8Array[] = [
  ..."MSG HMSG PING PONG +OK -ERR INFO PUB HPUB SUB UNSUB CONNECT".split(" ").flatMap((verb) => [verb, `${verb} `]),
  ...["\r\n", "\n", "\r", " ", "\t", "  ", "\0", "\x7f", "\x80", "\xff", "\xc3\xa9", "\xed\xa0\x80", "\xef\xbb\xbf"],
  ...["0", "1", "9", "-1", "+1", "0x1", "1e1", "00000000", "999999999", "1000000000", "4294967296"],
  ...["999999999999999", "1000000000000000", "9007199254740993", "65536", "67108865", "1048577"],
  ...[".", "..", "*", ">", ".>", "a.b", "_INBOX.", "'", "''", "{}", '{"', '"}', '":', "null", "[]", "true", "1e999"],
  ...['"__proto__":', '"toJSON":', '"max_payload":', '"headers":', '"connect_urls":["a:1"]', '"verbose":', "\\u0000"],
  ...["NATS/1.0", "NATS/1.0\r\n", "NATS/1.0 503\r\n", "\r\n\r\n", "A: b\r\n", ": ", ":"],
  ...["PING\r\n", "MSG a 1 1\r\nb\r\n", "MSG a 1 r 0\r\n\r\n", "HMSG a 1 2 3\r\nxxy\r\n", "PUB a 1\r\nb\r\n"],
  ...["SUB a 1\r\n", "SUB a q 1\r\n", "UNSUB 1 2\r\n", "INFO {}\r\n", "CONNECT {}\r\n", "-ERR 'a'\r\n", "+OK\r\n"],
].map(latin1);

/** Changes an input in one to four places: bits, bytes, words of the dictionary, pieces of itself or of another input. */
export function mutate(input: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = input;
  for (let times = 1 + random.below(4); times > 0; times--) bytes = once(bytes, other, random);
  return bytes.length > LONGEST ? bytes.slice(0, LONGEST) : bytes;
}

function once(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  const few = 1 + random.below(random.once(3) ? 16 : 4);
  switch (random.below(9)) {
    case 0:
      return replaced(bytes, at, 1, Uint8Array.of((bytes[at] ?? 0) ^ (1 << random.below(8))));
    case 1:
      return replaced(bytes, at, 1, Uint8Array.of(random.below(256)));
    case 2:
      return replaced(bytes, at, few, new Uint8Array(0));
    case 3:
      return replaced(bytes, at, random.below(2) * few, random.pick(dictionary));
    case 4:
      return replaced(bytes, at, 0, random.pick(dictionary));
    case 5: {
      // The input again, or a piece of it somewhere else.
      const from = random.below(bytes.length + 1);
      return replaced(bytes, at, 0, bytes.slice(from, from + few * 4));
    }
    case 6: {
      const from = random.below(other.length + 1);
      return replaced(bytes, at, random.below(2) * few, other.slice(from, from + few * 8));
    }
    case 7:
      return replaced(bytes, at, 1, new Uint8Array(few * few).fill(bytes[at] ?? 0x61));
    default: {
      // The other case of a letter, or the next digit.
      const byte = bytes[at] ?? 0x30;
      const letter = (byte | 32) >= 0x61 && (byte | 32) <= 0x7a;
      return replaced(bytes, at, 1, Uint8Array.of(letter ? byte ^ 32 : byte + 1));
    }
  }
}

function replaced(bytes: Uint8Array, at: number, count: number, by: Uint8Array): Uint8Array {
  const behind = bytes.subarray(Math.min(bytes.length, at + count));
  const made = new Uint8Array(at + by.length + behind.length);
  made.set(bytes.subarray(0, at));
  made.set(by, at);
  made.set(behind, at + by.length);
  return made;
}
