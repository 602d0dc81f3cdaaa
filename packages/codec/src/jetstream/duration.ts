// SPDX-License-Identifier: Apache-2.0
import { MAX_INT64 } from "./fields.ts";

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
// The micro sign and the Greek letter mu are both in use.
const PART = /^(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/;
// More digits than these overflow, or are less than a nanosecond in any unit.
const MAX_DIGITS = 19;

/**
 * Reads a duration as Go's time.ParseDuration does, `1m30s` or `1.5h`, in nanoseconds.
 *
 * Returns `undefined` if it is malformed, negative, or longer than 2^63 - 1 nanoseconds.
 */
export function readDuration(text: string): bigint | undefined {
  let rest = text.replace(/^\+/, "");
  if (rest === "0") return 0n;
  let nanos = 0n;
  do {
    const [part = "", whole = "", fraction = "", unit = ""] = PART.exec(rest) ?? [];
    const size = units[unit];
    if (size === undefined || whole + fraction === "" || whole.length > MAX_DIGITS) return undefined;
    const digits = fraction.slice(0, MAX_DIGITS);
    nanos += BigInt(whole) * size + (BigInt(digits) * size) / 10n ** BigInt(digits.length);
    if (nanos > MAX_INT64) return undefined;
    rest = rest.slice(part.length);
  } while (rest !== "");
  return nanos;
}
