// SPDX-License-Identifier: Apache-2.0
import { isPattern } from "@natswire/codec";
import type { ListenAddress } from "@natswire/io";
import { urlOf } from "@natswire/io/adapter";
import { InvalidArgumentError } from "commander";

const VERBS = "INFO CONNECT PUB HPUB SUB UNSUB MSG HMSG PING PONG +OK -ERR".split(" ");
const LOOPBACK = "127.0.0.1";
const ESCAPES = "in a name or password %, @, /, ? and : are written %25, %40, %2F, %3F and %3A";

/** A server by its URL, with the name and password in it. */
export interface Server extends ListenAddress {
  /** Without credentials, for people. */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** A port, 0 for a free one. */
export function port(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= 65_535) return number;
  throw new InvalidArgumentError("a port is a number from 0, which is a free one, to 65535");
}

/** A port of this machine, or `host:port`. */
export function place(value: string): ListenAddress {
  const [, host, digits] = /^(?:(.+):)?(\d+)$/.exec(value) ?? [];
  if (digits === undefined) throw new InvalidArgumentError("it takes a port, or host:port");
  return { host: host?.replace(/^\[|\]$/g, "") ?? LOOPBACK, port: port(digits) };
}

/** `nats://host:port`, or without the scheme. */
export function server(value: string): Server {
  const text = value.includes("://") ? value : `nats://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "tls:" || url?.protocol === "ws:" || url?.protocol === "wss:") {
    throw new InvalidArgumentError(`only plain nats:// is spoken here, not ${url.protocol}//`);
  }
  // A / or ? in a password ends what is read as host and port.
  if (url?.protocol !== "nats:" || url.hostname === "" || /[^/]/.test(`${url.pathname}${url.search}${url.hash}`)) {
    throw new InvalidArgumentError(`a server is named by nats://host:port; ${ESCAPES}`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const place = { host, port: Number(url.port || 4222) };
  return {
    ...place,
    url: urlOf("nats", place),
    user: partOf(url.username),
    password: partOf(url.password),
  };
}

/** What CONNECT says of the name and password in a URL, of which a name alone is a token. */
export function loginOf({ user, password }: Server): Readonly<Record<string, string>> | undefined {
  if (user === undefined) return undefined;
  return password === undefined ? { auth_token: user } : { user, pass: password };
}

function partOf(text: string): string | undefined {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidArgumentError(ESCAPES);
  }
}

/** Milliseconds above 0. */
export function milliseconds(value: string): number {
  return above0(value, "milliseconds", 2 ** 31);
}

/** Seconds above 0. */
export function seconds(value: string): number {
  return above0(value, "seconds", 2 ** 21);
}

function above0(value: string, unit: string, limit: number): number {
  const number = Number(value);
  if (number > 0 && number < limit) return number;
  throw new InvalidArgumentError(`it takes ${unit} above 0`);
}

/** One more subject or pattern. */
export function patterns(value: string, others: readonly string[] = []): readonly string[] {
  if (isPattern(value)) return [...others, value];
  throw new InvalidArgumentError(`it is no subject: tokens between dots, * for one, > for the rest`);
}

/** Verbs, apart by commas, in any case. */
export function verbs(value: string): readonly string[] {
  const wanted = value.split(",").map((verb) => verb.trim().toUpperCase());
  const unknown = wanted.find((verb) => !VERBS.includes(verb));
  if (unknown === undefined) return wanted;
  throw new InvalidArgumentError(`there is no verb ${unknown}, but ${VERBS.join(" ")}`);
}

/** One more of several. */
export function list(value: string, others: readonly string[] = []): readonly string[] {
  return [...others, value];
}
