// SPDX-License-Identifier: Apache-2.0

/** The value of a TTL for a message that never expires, whatever the stream's `max_age` is. */
export const NEVER = -1;

const seconds: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };
const PART = /(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/g;

/** Reads `Nats-TTL`, seconds or a duration as in Go: whole seconds, `NEVER`, or 0 for none. Returns `undefined` if it is not valid. */
export function readTtl(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return 0;
  if (text.toLowerCase() === "never") return NEVER;
  if (/^\d+$/.test(text)) return Number(text) || undefined;
  if (text.replace(PART, "") !== "") return undefined;
  const total = [...text.matchAll(PART)].reduce((sum, [, n, unit]) => sum + Number(n) * seconds[unit!]!, 0);
  return total < 1 ? undefined : Math.floor(total);
}

/** Writes seconds as a duration in Go: `1h0m5s`. */
export function durationText(total: number): string {
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  const rest = `${total % 60}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
