// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";

const NANOS_IN_MILLI = 1_000_000;

/** How servers write that something has not happened yet. */
export const zeroTime = "0001-01-01T00:00:00Z";

/** Returns a wall-clock time in nanoseconds since 1970, as text: a number cannot express it. */
export function nanosText(wall: Millis): string {
  const whole = Math.floor(wall);
  const nanos = Math.min(NANOS_IN_MILLI - 1, Math.round((wall - whole) * NANOS_IN_MILLI));
  return `${whole}${String(nanos).padStart(6, "0")}`;
}

/** Returns a wall-clock time as servers write it in JSON: RFC 3339 in UTC, with as many digits of the second as are needed. */
export function timeText(wall: Millis): string {
  const text = nanosText(wall);
  const digits = text.slice(-9).replace(/0+$/, "");
  const [date = "", time = ""] = dateText(Number(text.slice(0, -9)));
  return `${date}T${time}${digits === "" ? "" : `.${digits}`}Z`;
}

/** Returns the date and the time of day of a number of seconds since 1970. */
function dateText(seconds: number): [string, string] {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  // Civil date of a day number: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  const two = (value: number): string => String(value).padStart(2, "0");
  return [
    `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`,
    `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`,
  ];
}

/** Reads a time as clients write it in JSON: RFC 3339, in any time zone. Returns `undefined` if it is malformed. */
export function readTime(text: string): Millis | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hours > 23 || minutes > 59 || seconds > 59) {
    return undefined;
  }
  const zone = match[8] ?? "Z";
  const offset = zone === "Z" ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  const minute = (dayNumber(year, month, day) * 24 + hours) * 60 + minutes - offset;
  return (minute * 60 + seconds) * 1000 + Number((match[7] ?? "").padEnd(9, "0")) / NANOS_IN_MILLI;
}

function daysIn(year: number, month: number): number {
  return dayNumber(month === 12 ? year + 1 : year, (month % 12) + 1, 1) - dayNumber(year, month, 1);
}

/** Returns the number of a civil date; 1970-01-01 is day 0. */
function dayNumber(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yoe = y - era * 400;
  const doy = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719_468;
}
