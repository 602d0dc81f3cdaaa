// SPDX-License-Identifier: Apache-2.0
import { badField, badValue } from "@natswire/io/adapter";
import { readAdvertised } from "@natswire/io/adapter/server";
import { withoutBrackets } from "../arguments.ts";

/**
 * Reads a value of a configuration.
 *
 * @param path where the value is, for the error
 * @throws UsageError if the value is not valid; the error never shows a secret
 */
export type Kind<T> = (value: unknown, path: string) => T;

/** A place to listen on, or to name in INFO. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads a text. */
export const text: Kind<string> = (value, path) => {
  if (typeof value === "string") return value;
  throw badValue(path, "a string", value);
};

/** Reads a password, a token or a JWT. */
export const secret: Kind<string> = (value, path) => {
  if (typeof value === "string") return value;
  throw badField(path, "a string", value);
};

/** Reads true or false. */
export const flag: Kind<boolean> = (value, path) => {
  if (typeof value === "boolean") return value;
  throw badValue(path, "true or false", value);
};

/** Reads whether something is on, as nats-server does: true, false, or a word. */
export const toggle: Kind<boolean> = (value, path) => {
  const isOn = { true: true, false: false, enable: true, enabled: true, disable: false, disabled: false }[
    String(value)
  ];
  if (isOn !== undefined) return isOn;
  throw badValue(path, 'true, false, "enabled", "disabled" or an object', value);
};

/** Reads a whole number above 0. */
export const count: Kind<number> = whole("a whole number above 0");

/** Reads a number of bytes above 0. As in nats-server, it is never a text such as "1MB". */
export const bytes: Kind<number> = whole("a whole number of bytes above 0");

function whole(wanted: string): Kind<number> {
  return (value, path) => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    throw badValue(path, wanted, value);
  };
}

/** Reads a port. -1 takes a free one, which is returned as 0. */
export const port: Kind<number> = (value, path) => {
  if (value === -1) return 0;
  if (typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 65_535) return value;
  throw badValue(path, "a port from 1 to 65535, or -1 for a free one", value);
};

/** Reads a port, or `host:port`. */
export const listen: Kind<Partial<HostPort>> = (value, path) => {
  if (typeof value === "number") return { port: port(value, path) };
  const [, host = "", digits] = /^(.+):(-?\d+)$/.exec(String(value)) ?? [];
  if (digits === undefined) throw badValue(path, "a port or host:port", value);
  return { host: withoutBrackets(host), port: port(Number(digits), path) };
};

/** Reads `host` or `host:port`; a port of -1 is that of the listener. */
export const advertise: Kind<Partial<HostPort>> = (value, path) => {
  const address = typeof value === "string" ? value.replace(/:-1$/, "") : value;
  const [host, port] = readAdvertised(path, address);
  return { host: withoutBrackets(host), ...(port && { port }), ...(address === value ? {} : { port: 0 }) };
};

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/** Reads a time above 0 as Go writes it, such as `"1m30s"`, in milliseconds. */
export const duration: Kind<number> = (value, path) => {
  const parts = typeof value === "string" ? [...value.matchAll(PART)] : [];
  const time = parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (UNITS[unit] ?? 0), 0);
  if (time > 0 && parts.map(([part]) => part).join("") === value) return Math.ceil(time);
  throw badValue(path, 'a time above 0 with its unit, such as "2s"', value);
};

/** Reads a number of seconds above 0, or a time as `duration` does, in milliseconds. */
export const seconds: Kind<number> = (value, path) =>
  typeof value === "number" && value > 0 ? Math.ceil(value * 1000) : duration(value, path);

/** Returns a kind that reads an array, each entry of this kind. */
export function list<T>(kind: Kind<T>): Kind<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw badField(path, "an array", value);
    return value.map((entry, i) => kind(entry, `${path}[${i}]`));
  };
}

/** Returns a kind that reads one value or an array of them. */
export function oneOrMore<T>(kind: Kind<T>): Kind<readonly T[]> {
  return (value, path) => (Array.isArray(value) ? list(kind)(value, path) : [kind(value, path)]);
}

/** Returns a kind that reads an object with any names, each value of this kind. */
export function record<T>(kind: Kind<T>): Kind<ReadonlyMap<string, T>> {
  return (value, path) =>
    new Map(Object.entries(object(value, path)).map(([name, entry]) => [name, kind(entry, `${path}.${name}`)]));
}

/** Reads an object. */
export const object: Kind<object> = (value, path) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw badField(path, "an object", value);
};
