// SPDX-License-Identifier: Apache-2.0

import type { FrameCursor } from "./decode/grammar.ts";
import { UsageError } from "./errors.ts";

/**
 * What a server says of itself, under the wire's own names. Fields that are not listed are
 * kept as they came.
 */
export interface ServerInfo {
  /** The server's public nkey. */
  readonly server_id?: string;
  readonly server_name?: string;
  readonly version?: string;
  /** Client protocol level: from 1 on, INFO may come again at any time. */
  readonly proto?: number;
  readonly git_commit?: string;
  readonly go?: string;
  readonly host?: string;
  readonly port?: number;
  /** HPUB and HMSG are spoken. */
  readonly headers?: boolean;
  readonly auth_required?: boolean;
  readonly tls_required?: boolean;
  /** A client certificate is asked for. */
  readonly tls_verify?: boolean;
  readonly tls_available?: boolean;
  /** Bytes, headers and payload together; -1 for no limit. */
  readonly max_payload?: number;
  readonly jetstream?: boolean;
  readonly ip?: string;
  readonly client_id?: number;
  readonly client_ip?: string;
  /** To be signed by a client that logs in with an nkey or a JWT. */
  readonly nonce?: string;
  readonly cluster?: string;
  readonly cluster_dynamic?: boolean;
  readonly domain?: string;
  /** The other servers of the cluster, `host:port`. */
  readonly connect_urls?: readonly string[];
  readonly ws_connect_urls?: readonly string[];
  /** The server is in lame duck mode and about to go. */
  readonly ldm?: boolean;
  readonly compression?: string;
  /** Marks the INFO that follows the first PONG (2.12 and later), as do the two below. */
  readonly connect_info?: boolean;
  readonly remote_account?: string;
  readonly acc_is_sys?: boolean;
  /** The JetStream API level. */
  readonly api_lvl?: number;
  readonly xkey?: string;
  readonly [unknown: string]: unknown;
}

/** How a client introduces itself, under the wire's own names. */
export interface ConnectInfo {
  /** Ask for +OK after each accepted operation; a server assumes true where it is left out. */
  readonly verbose?: boolean;
  /** Ask for the check of publish subjects; a server assumes true where it is left out. */
  readonly pedantic?: boolean;
  readonly tls_required?: boolean;
  /** Deliver a connection's own messages back to it; a server assumes true where it is left out. */
  readonly echo?: boolean;
  readonly auth_token?: string;
  readonly user?: string;
  readonly pass?: string;
  /** Public user nkey. */
  readonly nkey?: string;
  readonly jwt?: string;
  /** The signed nonce, base64url without padding. */
  readonly sig?: string;
  readonly name?: string;
  readonly lang?: string;
  readonly version?: string;
  /** 1 asks for later INFO messages. */
  readonly protocol?: number;
  readonly headers?: boolean;
  /** Ask for a 503 where a request has no responder; needs `headers`. */
  readonly no_responders?: boolean;
}

type Kind = "string" | "boolean" | "integer" | "strings";
type Fields = ReadonlyMap<string, Kind>;

/** The names of each kind, apart by blanks. */
function fieldsOf(names: Partial<Record<Kind, string>>): Fields {
  return new Map(
    Object.entries(names).flatMap(([kind, list]) => list.split(" ").map((name) => [name, kind as Kind] as const)),
  );
}

const infoFields: Fields = /* @__PURE__ */ fieldsOf({
  string:
    "server_id server_name version git_commit go host ip client_ip nonce cluster domain compression remote_account xkey",
  integer: "proto port max_payload client_id api_lvl",
  boolean:
    "headers auth_required tls_required tls_verify tls_available jetstream cluster_dynamic ldm connect_info acc_is_sys",
  strings: "connect_urls ws_connect_urls",
});

const connectFields: Fields = /* @__PURE__ */ fieldsOf({
  boolean: "verbose pedantic tls_required echo headers no_responders",
  string: "auth_token user pass nkey jwt sig name lang version",
  integer: "protocol",
});

/** INFO's argument as an object, known fields that are null left out; BAD_JSON where it is none, or one has another type. */
export function parseInfo(at: FrameCursor): ServerInfo {
  return parse(at, "INFO", infoFields);
}

/** CONNECT's argument as an object, known fields that are null left out; BAD_JSON where it is none, or one has another type. */
export function parseConnect(at: FrameCursor): ConnectInfo {
  return parse(at, "CONNECT", connectFields);
}

function parse(at: FrameCursor, verb: string, fields: Fields): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(at.text());
  } catch {
    // What is no JSON is no object either.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    at.fail("BAD_JSON", `${verb} needs a JSON object`);
  }
  const object = value as Record<string, unknown>;
  for (const [name, kind] of fields) {
    if (!Object.hasOwn(object, name)) continue;
    // The official Rust client writes null where it has no value, and the reference server takes it for that.
    if (object[name] === null) delete object[name];
    else if (!is(object[name], kind)) {
      at.fail("BAD_JSON", `${verb} field ${name} must be ${a(kind)}`);
    }
  }
  return object;
}

/** INFO's argument as JSON; unknown fields pass. Throws UsageError where a known field has another type. */
export function infoJson(info: ServerInfo): string {
  return json("INFO", info, infoFields, true);
}

/**
 * CONNECT's argument as JSON: the listed fields and no others, so that an options object cannot leak a key or a
 * certificate to the wire. Throws UsageError where one has another type.
 */
export function connectJson(options: ConnectInfo): string {
  return json("CONNECT", options, connectFields, false);
}

function json(verb: string, source: object, fields: Fields, keepUnknown: boolean): string {
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    throw new UsageError("BAD_FIELD", `${verb} needs an object`);
  }
  const checked: [string, unknown][] = [];
  // Each value is read once: what was checked is what is written.
  for (const name of Object.keys(source)) {
    const kind = fields.get(name);
    if (kind === undefined && !keepUnknown) continue;
    const given: unknown = (source as Record<string, unknown>)[name];
    const value: unknown = Array.isArray(given) ? [...given] : given;
    // JSON leaves both out, and a function named toJSON would otherwise speak for the whole object.
    if (value === undefined || typeof value === "function") continue;
    if (kind !== undefined && !is(value, kind)) {
      throw new UsageError("BAD_FIELD", `${verb} field ${name} must be ${a(kind)}`);
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
  if (kind === "integer") return Number.isSafeInteger(value);
  if (kind === "strings") return Array.isArray(value) && value.every((item) => typeof item === "string");
  return typeof value === kind;
}

function a(kind: Kind): string {
  return kind === "integer" ? "a whole number" : kind === "strings" ? "an array of strings" : `a ${kind}`;
}
