// SPDX-License-Identifier: Apache-2.0
import { formatValue, UsageError } from "./errors.ts";

/** The limits of a decoder. A frame that exceeds one is rejected before memory is spent on it. */
export interface Limits {
  /** The longest control line, in bytes from the verb to the line end, the line end excluded. */
  readonly line: number;
  /** The longest INFO line, in bytes. INFO lists the addresses of a whole cluster, so it has a limit of its own. */
  readonly info: number;
  /** The largest declared size of headers and payload together, in bytes. */
  readonly payload: number;
  /** Rejects a control line that ends in a bare LF. nats-server and the official clients accept it; so does the default. */
  readonly strictLineEnd: boolean;
}

/**
 * The default limits for the frames that a server sends: lines of 64 KiB, INFO of 1 MiB, payloads of 64 MiB.
 *
 * nats-server accepts lines of 4,096 bytes from a client, and relays subject and reply with a sid and sizes of its own.
 * So the lines that it sends may be longer than those that it accepts.
 */
export const serverFrameLimits: Limits = { line: 65_536, info: 1_048_576, payload: 67_108_864, strictLineEnd: false };

/**
 * The default limits for the frames that a client sends: lines of 4,104 bytes, payloads of 1 MiB.
 *
 * 4,104 bytes are the 4,096 argument bytes that nats-server accepts (`max_control_line`) and the longest verb, `CONNECT `.
 * 1 MiB is its default `max_payload`: https://docs.nats.io/running-a-nats-service/configuration.
 */
export const clientFrameLimits: Limits = { line: 4_104, info: 1_048_576, payload: 1_048_576, strictLineEnd: false };

/** Makes each option optional; `undefined` means the default. */
export type Options<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/**
 * Returns the defaults with some values replaced. `undefined` means the default.
 *
 * @throws UsageError BAD_NUMBER if a limit is not a whole number or Infinity, BAD_FIELD if a boolean is of another type, and for
 * an unknown name
 */
export function withDefaults<T extends object>(defaults: T, given: Options<T> = {}): T {
  const all = { ...defaults };
  for (const name in given) {
    if (name in defaults) continue;
    throw new UsageError("BAD_FIELD", `unknown limit "${name}": the limits are ${Object.keys(defaults).join(", ")}`);
  }
  for (const name in defaults) {
    const value: unknown = given[name];
    if (value === undefined) continue;
    const isNumber = typeof defaults[name] === "number";
    if (isNumber ? !isLimit(value) : typeof value !== "boolean") {
      const kind = isNumber ? "whole number" : "boolean";
      throw new UsageError(
        isNumber ? "BAD_NUMBER" : "BAD_FIELD",
        `limits.${name} must be a ${kind}, not ${formatValue(value)}`,
      );
    }
    all[name] = value as T[typeof name];
  }
  return all;
}

function isLimit(value: unknown): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 0);
}
