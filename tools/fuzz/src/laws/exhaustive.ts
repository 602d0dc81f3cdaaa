// SPDX-License-Identifier: Apache-2.0

import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { type Codec, formatReading, read, type Sender, sameReading } from "../../../../packages/fuzz/src/reading.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import { oracle } from "../../../testkit/oracle.ts";

const symbols = latin1("MSG \r\n01a-+\0");
const LONGEST = 5;

// The places where a parser decides: before a verb, after it, in each argument, at the body and after it.
const places: readonly (readonly [from: Sender, prefix: string])[] = [
  ["server", ""],
  ["server", "MSG "],
  ["server", "MSG a 1 1"],
  ["server", "MSG a 1 1\r\n1"],
  ["server", "HMSG a 1 0 "],
  ["server", "-ERR"],
  ["client", "SUB a"],
  ["client", "UNSUB 1 "],
];

const each = Array.from({ length: LONGEST + 1 }, (_, n) => symbols.length ** n).reduce((sum, n) => sum + n);

/** Every string of up to five symbols after every prefix: 2,171,624 inputs. The first byte selects the prefix. */
export const everyInput = {
  count: each * places.length,
  at(index: number): Uint8Array {
    const place = index % places.length;
    let rest = Math.floor(index / places.length);
    let length = 0;
    for (; rest >= symbols.length ** length; length++) rest -= symbols.length ** length;
    const input = new Uint8Array(1 + length);
    input[0] = place;
    for (let i = 1; i <= length; i++) {
      input[i] = symbols[rest % symbols.length]!;
      rest = Math.floor(rest / symbols.length);
    }
    return input;
  },
};

/** Returns the law: whole and byte by byte, the decoder agrees with the oracle. */
export function exhaustiveLaws(codec: Codec): (input: Uint8Array) => void {
  return (input) => {
    const [from, prefix] = places[(input[0] ?? 0) % places.length]!;
    const stream = new Uint8Array(prefix.length + Math.max(0, input.length - 1));
    stream.set(latin1(prefix));
    stream.set(input.subarray(1), prefix.length);
    const expected = oracle(stream, from);
    const bytewise = Array.from(stream, (_, i) => stream.subarray(i, i + 1));
    for (const chunks of [[stream], bytewise]) {
      const reading = read(codec, chunks, from);
      if (sameReading(reading, expected)) continue;
      const detail = `${chunks.length} chunks\ndecoder ${formatReading(reading)}\noracle  ${formatReading(expected)}`;
      throw new LawBroken("it agrees with the oracle", detail);
    }
  };
}
