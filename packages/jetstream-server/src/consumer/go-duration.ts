// SPDX-License-Identifier: Apache-2.0
import type { Nanos } from "../stream/stream-config.ts";

/** Returns a duration as Go prints it: `1.5s`, `2m0s`, `1h0m0s`. */
export function goDuration(nanos: Nanos): string {
  const sign = nanos < 0 ? "-" : "";
  const value = Math.abs(nanos);
  if (value < 1e3) return value === 0 ? "0s" : `${sign}${value}ns`;
  if (value < 1e6) return `${sign}${value / 1e3}µs`;
  if (value < 1e9) return `${sign}${value / 1e6}ms`;
  const minutes = Math.floor(value / 60e9);
  const seconds = `${(value - minutes * 60e9) / 1e9}s`;
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  return `${sign}${hours === 0 ? "" : `${hours}h`}${minutes % 60}m${seconds}`;
}
