// SPDX-License-Identifier: Apache-2.0

import type { FrameCursor } from "./decode/grammar.ts";
import { typeName, UsageError } from "./errors.ts";

/**
 * What a server reports about itself in INFO, under the names of the protocol. Unknown fields are kept.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol#info
 */
export interface ServerInfo {
  /** The server's public nkey. */
  readonly server_id?: string;
  readonly server_name?: string;
  readonly version?: string;
  /** The protocol version. From 1 on the server may send INFO at any time. */
  readonly proto?: number;
  readonly git_commit?: string;
  readonly go?: string;
  readonly host?: string;
  readonly port?: number;
  /** Whether the server supports headers (HPUB and HMSG). */
  readonly headers?: boolean;
  readonly auth_required?: boolean;
  readonly tls_required?: boolean;
  /** Whether the server requires a client certificate. */
  readonly tls_verify?: boolean;
  readonly tls_available?: boolean;
  /** The largest headers and payload together, in bytes; -1 for no limit. */
  readonly max_payload?: number;
  readonly jetstream?: boolean;
  readonly ip?: string;
  /** The number of the connection, of 64 bits: above 2^53 its last digits are lost. */
  readonly client_id?: number;
  readonly client_ip?: string;
  /** A challenge that a client signs if it authenticates with an nkey or a JWT. */
  readonly nonce?: string;
  readonly cluster?: string;
  readonly cluster_dynamic?: boolean;
  readonly domain?: string;
  /** The addresses of the servers in the cluster, `host:port`. */
  readonly connect_urls?: readonly string[];
  readonly ws_connect_urls?: readonly string[];
  /** Whether the server is in lame duck mode: it shuts down soon. */
  readonly ldm?: boolean;
  readonly compression?: string;
  /** Whether this is the INFO that follows the first PONG (nats-server 2.12 and later), like the next two fields. */
  readonly connect_info?: boolean;
  readonly remote_account?: string;
  readonly acc_is_sys?: boolean;
  /** The level of the JetStream API. */
  readonly api_lvl?: number;
  readonly xkey?: string;
  readonly [unknown: string]: unknown;
}

/**
 * What a client reports about itself in CONNECT, under the names of the protocol.
 *
 * @see https://docs.nats.io/reference/reference-protocols/nats-protocol#connect
 */
export interface ConnectInfo {
  /** Requests +OK after each accepted operation; a server assumes `true` by default. */
  readonly verbose?: boolean;
  /** Requests that the server checks the subjects of PUB; a server assumes `true` by default. */
  readonly pedantic?: boolean;
  readonly tls_required?: boolean;
  /** Requests the connection's own messages, too; a server assumes `true` by default. */
  readonly echo?: boolean;
  readonly auth_token?: string;
  readonly user?: string;
  readonly pass?: string;
  /** The public nkey of the user. */
  readonly nkey?: string;
  readonly jwt?: string;
  /** The signed nonce, base64url without padding. */
  readonly sig?: string;
  readonly name?: string;
  readonly lang?: string;
  readonly version?: string;
  /** The protocol version: 1 if the client accepts INFO at any time. */
  readonly protocol?: number;
  readonly headers?: boolean;
  /** Requests status 503 for a request without responders; needs `headers`. */
  readonly no_responders?: boolean;
  /**
   * The nonce of INFO, signed by a proxy that the server trusts; base64url without padding.
   *
   * @see https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-55.md
   */
  readonly proxy_sig?: string;
}

type Kind = "string" | "boolean" | "integer" | "strings";
/** The fields of a JSON object that are known, with their types. */
export type Fields = ReadonlyMap<string, Kind>;

/** Makes a table of fields; the names of each kind are separated by blanks. */
export function fieldsOf(names: Partial<Record<Kind, string>>): Fields {
  return new Map(
    Object.entries(names).flatMap(([kind, list]) => list.split(" ").map((name) => [name, kind as Kind] as const)),
  );
}

/** The fields of `ServerInfo`. */
export const infoFields: Fields = /* @__PURE__ */ fieldsOf({
  string:
    "server_id server_name version git_commit go host ip client_ip nonce cluster domain compression remote_account xkey",
  integer: "proto port max_payload client_id api_lvl",
  boolean:
    "headers auth_required tls_required tls_verify tls_available jetstream cluster_dynamic ldm connect_info acc_is_sys",
  strings: "connect_urls ws_connect_urls",
});

/** The fields of `ConnectInfo`. */
export const connectFields: Fields = /* @__PURE__ */ fieldsOf({
  boolean: "verbose pedantic tls_required echo headers no_responders",
  string: "auth_token user pass nkey jwt sig name lang version proxy_sig",
  integer: "protocol",
});

/**
 * Parses the argument of INFO. Known fields that are null are omitted.
 *
 * @throws ProtocolError BAD_JSON if it is not a JSON object, or a known field has another type
 */
export function parseInfo(at: FrameCursor): ServerInfo {
  return parseJson(at, "INFO", infoFields);
}

/** Parses the argument of CONNECT, like `parseInfo`. */
export function parseConnect(at: FrameCursor): ConnectInfo {
  return parseJson(at, "CONNECT", connectFields);
}

/** For a JSON object of which no field is known. */
export const noFields: Fields = /* @__PURE__ */ new Map();

/** Parses the argument of a verb as a JSON object, and checks the fields that are known. */
export function parseJson(at: FrameCursor, verb: string, fields: Fields): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(at.text());
  } catch {
    // Reported below, like JSON that is not an object.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    at.fail("BAD_JSON", `the argument of ${verb} is not a JSON object`);
  }
  const object = value as Record<string, unknown>;
  for (const [name, kind] of fields) {
    if (!Object.hasOwn(object, name)) continue;
    // The official Rust client writes null for a field without a value, and nats-server reads it so.
    if (object[name] === null) delete object[name];
    else if (!is(object[name], kind)) {
      at.fail("BAD_JSON", `${verb} field ${name} must be ${kindName(kind)}`);
    }
  }
  return object;
}

/**
 * Writes the argument of INFO as JSON, unknown fields included.
 *
 * @throws UsageError BAD_FIELD if a known field has another type
 */
export function infoJson(info: ServerInfo): string {
  return formatJson("INFO", info, infoFields, info);
}

/**
 * Writes the argument of CONNECT as JSON: of `options` known fields only, so that an options object cannot leak a key or a
 * certificate; of `extra` all fields that `options` does not have.
 *
 * @throws UsageError BAD_FIELD if a known field has another type
 */
export function connectJson(options: ConnectInfo, extra?: object): string {
  return formatJson("CONNECT", options, connectFields, extra);
}

/** Writes an object as JSON, and checks the fields that are known. Unknown ones are written only if `extra` has them. */
export function formatJson(verb: string, source: object, fields: Fields, extra: object = {}): string {
  for (const given of [source, extra]) {
    if (typeof given === "object" && given !== null && !Array.isArray(given)) continue;
    throw new UsageError("BAD_FIELD", `${verb} needs an object, not ${typeName(given)}`);
  }
  const checked: [string, unknown][] = [];
  // What was read is a copy, so that what was checked is what is written.
  for (const [name, given] of Object.entries<unknown>({ ...extra, ...source })) {
    const kind = fields.get(name);
    if (kind === undefined && !Object.hasOwn(extra, name)) continue;
    const value: unknown = Array.isArray(given) ? [...given] : given;
    // JSON leaves both out, and a function named toJSON would otherwise replace the whole object.
    if (value === undefined || typeof value === "function") continue;
    if (kind !== undefined && !is(value, kind)) {
      throw new UsageError("BAD_FIELD", `${verb} field ${name} must be ${kindName(kind)}`);
    }
    checked.push([name, value]);
  }
  try {
    return JSON.stringify(Object.fromEntries(checked));
  } catch (error) {
    throw new UsageError("BAD_FIELD", `${verb} cannot be written as JSON: ${(error as Error).message}`);
  }
}

function is(value: unknown, kind: Kind): boolean {
  // Go counts with 64 bits. JSON may therefore have integers that a number holds only approximately.
  if (kind === "integer") return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 64;
  if (kind === "strings") return Array.isArray(value) && value.every((item) => typeof item === "string");
  return typeof value === kind;
}

function kindName(kind: Kind): string {
  if (kind === "integer") return "a whole number";
  return kind === "strings" ? "an array of strings" : `a ${kind}`;
}
