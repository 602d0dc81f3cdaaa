// SPDX-License-Identifier: Apache-2.0

// RFC 3339 in UTC, and Go's own form, which nats-server wrote before 2.9.
const TIME = /^(\d{4})-(\d\d)-(\d\d)[T ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{1,9}))?(?:Z| \+0000 UTC)$/;
// The day number of 1970-01-01, counted from 0000-03-01.
const EPOCH = 719_468;

/** Reads a time in UTC, with up to nine digits of a second, in nanoseconds since 1970. Returns `undefined` if it is malformed. */
export function readTime(text: string): bigint | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hours, minutes, seconds] = match.slice(1, 7).map(Number) as [number, number, ...number[]];
  if (month < 1 || month > 12 || day! < 1 || dayOf(year, month) + day! > dayOf(year, month + 1)) return undefined;
  const time = (((dayOf(year, month) + day! - 1) * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
  return BigInt(time) * 1_000_000_000n + BigInt((match[7] ?? "").padEnd(9, "0"));
}

/** Returns the day number of the first day of a month; 1970-01-01 is 0. Month 13 is the next January. */
function dayOf(year: number, month: number): number {
  // Years begin in March, so that the leap day is the last one: 153 days are five months.
  const months = year * 12 + month - 3;
  const y = Math.floor(months / 12);
  const days = y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return days + Math.floor((153 * (months - y * 12) + 2) / 5) - EPOCH;
}
