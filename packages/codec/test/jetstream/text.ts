// SPDX-License-Identifier: Apache-2.0
import { fromLatin1 } from "../../../../tools/testkit/latin1.ts";

/** Returns a text as a payload. */
export function payload(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns a value as JSON has it: bigints as decimal digits, bytes as Latin-1, without undefined fields. */
export function jsonOf(value: unknown): unknown {
  if (value === undefined) return null;
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => {
      if (typeof one === "bigint") return `${one}`;
      return one instanceof Uint8Array ? fromLatin1(one) : one;
    }),
  ) as unknown;
}
