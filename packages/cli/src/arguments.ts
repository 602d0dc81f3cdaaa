// SPDX-License-Identifier: Apache-2.0
import { isPattern, isQueue, isSubject, MsgHeaders } from "@natswire/codec";
import type { ListenAddress } from "@natswire/io";
import { urlOf } from "@natswire/io/adapter";
import { InvalidArgumentError } from "commander";
import type { Kind } from "./config/kinds.ts";

const VERBS = "INFO CONNECT PUB HPUB SUB UNSUB MSG HMSG PING PONG +OK -ERR".split(" ");
// Those that servers send each other.
const LINK_VERBS = "RS+ RS- LS+ LS- RMSG LMSG A+ A-".split(" ");
const LOOPBACK = "127.0.0.1";
const ESCAPES = "in a name or password, write % @ / ? : as %25 %40 %2F %3F %3A";

/** Headers as they were typed. */
export type HeaderPairs = readonly (readonly [name: string, value: string])[];

/** The URL of a server, in its parts. */
export interface ServerUrl extends ListenAddress {
  /** The URL without credentials. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** Parses a port from 0 to 65535. */
export function port(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= 65_535) return number;
  throw new InvalidArgumentError("A port is a number from 0 to 65535; 0 picks a free one.");
}

/** Parses a whole number, 0 included. */
export function wholeNumber(value: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("Write a whole number.");
}

/** Parses a whole number above 0. */
export function numberAboveZero(value: string): number {
  if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
  throw new InvalidArgumentError("Write a whole number above 0.");
}

/** Parses `port` or `host:port`; the host is 127.0.0.1 by default. */
export function listenAddress(value: string): ListenAddress {
  const [, host, digits] = /^(?:(.+):)?(\d+)$/.exec(value) ?? [];
  if (digits === undefined) throw new InvalidArgumentError("Write a port or host:port.");
  return { host: withoutBrackets(host ?? LOOPBACK), port: port(digits) };
}

/** Parses `nats://host:port`; the scheme and the port may be omitted. */
export function serverUrl(value: string): ServerUrl {
  const text = value.includes("://") ? value : `nats://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && value.includes("://") && url.protocol !== "nats:") {
    throw new InvalidArgumentError(`This command supports only nats://, not ${url.protocol}//.`);
  }
  // An unescaped / or ? in a password ends what the URL parser takes for host and port.
  if (url?.protocol !== "nats:" || url.hostname === "" || /[^/]/.test(`${url.pathname}${url.search}${url.hash}`)) {
    throw new InvalidArgumentError(`Write nats://host:port; ${ESCAPES}.`);
  }
  const address = { host: withoutBrackets(url.hostname), port: Number(url.port || 4222) };
  return {
    ...address,
    url: urlOf("nats", address),
    user: decodePart(url.username),
    password: decodePart(url.password),
  };
}

/** Returns the fields of CONNECT for the credentials in a URL: name and password, or a token. */
export function credentialsOf({ user, password }: ServerUrl): Readonly<Record<string, string>> | undefined {
  if (user === undefined) return undefined;
  return password === undefined ? { auth_token: user } : { user, pass: password };
}

/** Parses a number of milliseconds above 0. */
export function milliseconds(value: string): number {
  return positive(value, "milliseconds", 2 ** 31);
}

/** Parses a number of seconds above 0. */
export function seconds(value: string): number {
  return positive(value, "seconds", 2 ** 21);
}

/** Parses a subject or pattern. */
export function subjectPattern(value: string): string {
  if (isPattern(value)) return value;
  throw new InvalidArgumentError("A subject has tokens between dots; * stands for one token, > for the rest.");
}

/** Parses a subject or pattern, and adds it to the earlier ones. */
export function subjectPatterns(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, subjectPattern(value)];
}

/** Parses verbs between commas, in any case. */
export function verbs(value: string): readonly string[] {
  const parsed = value.split(",").map((verb) => verb.trim().toUpperCase());
  const unknown = parsed.find((verb) => !VERBS.includes(verb) && !LINK_VERBS.includes(verb));
  if (unknown === undefined) return parsed;
  throw new InvalidArgumentError(`Unknown verb "${unknown}"; the verbs are ${VERBS.join(" ")}.`);
}

/** Parses a subject without wildcards. */
export function subject(value: string): string {
  if (isSubject(value)) return value;
  throw new InvalidArgumentError(
    "A subject has tokens between dots, without spaces; * and > are only for subscribers.",
  );
}

/** Parses the name of a queue group. It is empty for none. */
export function queueGroup(value: string): string {
  if (value === "" || isQueue(value)) return value;
  throw new InvalidArgumentError("A queue group is a name without spaces.");
}

/** Parses `Name: value`, and adds it to the earlier headers. */
export function header(value: string, earlier: HeaderPairs = []): HeaderPairs {
  const [, name, text = ""] = /^([^:]+):(.*)$/s.exec(value) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write "Name: value".');
  const pair = [name, text.trim()] as const;
  try {
    new MsgHeaders([pair]);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
  return [...earlier, pair];
}

/** Returns a parser for a value as it is in a configuration. */
export function parserOf<T>(kind: Kind<T>): (value: string) => T {
  return (value) => {
    try {
      return kind(/^[\d.]+$/.test(value) ? Number(value) : value, "It");
    } catch (error) {
      throw new InvalidArgumentError(`${(error as Error).message}.`);
    }
  };
}

/** Parses dotted paths of fields between commas, and adds them to the earlier ones. */
export function fieldPaths(value: string, earlier: readonly string[] = []): readonly string[] {
  const paths = value.split(",").map((path) => path.trim());
  if (paths.every((path) => /^[^.\s]+(\.[^.\s]+)*$/.test(path))) return [...earlier, ...paths];
  throw new InvalidArgumentError(
    "Write names of fields between commas, with dots between the levels: max_payload,state.bytes.",
  );
}

/** Adds a value to the earlier ones of a repeatable option. */
export function repeatable(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/** Returns a host without the brackets of an IPv6 address. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

function decodePart(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidArgumentError(`The URL has an invalid escape; ${ESCAPES}.`);
  }
}

function positive(value: string, unit: string, limit: number): number {
  const number = Number(value);
  if (number > 0 && number < limit) return number;
  throw new InvalidArgumentError(`Write a number of ${unit} above 0.`);
}
