// SPDX-License-Identifier: Apache-2.0
import type { Msg, ServerInfo } from "@natswire/codec";
import { escapeBytes } from "./lines.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
type Fields = Readonly<Record<string, Json>>;

// Fields of INFO that differ between two servers, releases or connections. Of these, the JSON type is compared.
const BY_TYPE = new Set(["server_id", "version", "go", "git_commit", "client_id", "client_ip", "xkey", "port"]);
// Fields with addresses. Of these, the ports are not compared.
const ADDRESSES = new Set(["connect_urls", "ws_connect_urls"]);
const NONCE = /^[\w+/=-]{11,}$/;

// Texts that differ from run to run, and what stands for them.
const RANDOM: readonly (readonly [RegExp, string])[] = [
  [/_INBOX\.[\w-]+(?:\.[\w-]+)*/g, "_INBOX.<id>"],
  [/\b_R_\.\w+(?:\.\w+)*/g, "_R_.<id>"],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, "<time>"],
  [/\b[ACMNOUX][A-Z2-7]{55}\b/g, "<key>"],
];
const ACK_SUBJECT = /\$JS\.ACK\.\S+/g;
const NANOSECONDS = /(?<=\.)\d{18,20}(?=\.)/;
// A number that JSON.parse would round.
const LONG_NUMBER = /\d{16}/;
const JSON_TEXT = /"(?:[^"\\]|\\.)*"/g;

/**
 * Writes frames so that two are equal if they differ only in what has to differ: a `<time>` is a time, whichever it is. What a
 * client of the script sent is written as it is, because the server has to send it back unchanged.
 */
export class Shapes {
  readonly #ignored: ReadonlySet<string>;
  readonly #unused: Set<string>;
  readonly #sent = new Set<string>();

  /** @param ignored dotted paths of fields in INFO and in JSON payloads */
  constructor(ignored: readonly string[]) {
    this.#ignored = new Set(ignored);
    this.#unused = new Set(ignored);
  }

  /** The ignored paths that no INFO and no payload had so far. */
  get unused(): readonly string[] {
    return [...this.#unused];
  }

  /** Learns what a client sends: it is compared as it is. */
  addSent(bytes: Uint8Array): void {
    const text = escapeBytes(bytes);
    for (const [pattern] of RANDOM) for (const [found] of text.matchAll(pattern)) this.#sent.add(found);
  }

  /** Returns the fields of an INFO that are compared, each as text. */
  info(info: ServerInfo): ReadonlyMap<string, string> {
    const fields = new Map<string, string>();
    for (const [name, value] of Object.entries(info as unknown as Fields)) {
      if (this.#isIgnored(name)) continue;
      fields.set(name, JSON.stringify(this.#infoField(name, value)));
    }
    return fields;
  }

  /** Returns the subject of a message, and what follows its sid: reply, headers and payload. Sizes are omitted: they follow. */
  message({ subject, reply, headers, payload }: Msg<string>): { readonly subject: string; readonly content: string } {
    const names = reply === undefined ? "" : ` ${this.text(reply)}`;
    const block = headers === undefined ? "" : ` | ${this.text(escapeBytes(headers).replace(/(?:␍␊)+$/, ""))}`;
    const body = payload.length === 0 ? "" : ` | ${this.#payload(payload)}`;
    return { subject: this.text(subject), content: names + block + body };
  }

  /** Returns text with names in place of what differs from run to run. */
  text(text: string): string {
    let shaped = text.replace(ACK_SUBJECT, (subject) => subject.replace(NANOSECONDS, "<time>"));
    for (const [pattern, name] of RANDOM) {
      shaped = shaped.replace(pattern, (found) => (this.#sent.has(found) ? found : name));
    }
    return shaped;
  }

  #infoField(name: string, value: Json): Json {
    if (BY_TYPE.has(name)) return `<${typeOf(value)}>`;
    if (name === "nonce" && typeof value === "string" && NONCE.test(value)) return "<nonce>";
    if (ADDRESSES.has(name) && Array.isArray(value)) {
      return value.map((address: Json) =>
        typeof address === "string" ? address.replace(/:\d+$/, ":<port>") : address,
      );
    }
    return this.#json(value, name);
  }

  #payload(bytes: Uint8Array): string {
    const text = escapeBytes(bytes);
    const isJson = /^[[{]/.test(text) && !LONG_NUMBER.test(text.replace(JSON_TEXT, ""));
    if (!isJson) return this.text(text);
    try {
      return JSON.stringify(this.#json(JSON.parse(Buffer.from(bytes).toString()), ""));
    } catch {
      return this.text(text);
    }
  }

  /** The order of the fields does not matter. The elements of an array have its path. */
  #json(value: Json, path: string): Json {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((element: Json) => this.#json(element, path));
    if (typeof value !== "object" || value === null) return value;
    const fields = Object.entries(value as Fields)
      .map(([name, field]) => [name, field, path === "" ? name : `${path}.${name}`] as const)
      .filter(([, , fieldPath]) => !this.#isIgnored(fieldPath))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(fields.map(([name, field, fieldPath]) => [name, this.#json(field, fieldPath)]));
  }

  #isIgnored(path: string): boolean {
    this.#unused.delete(path);
    return this.#ignored.has(path);
  }
}

function typeOf(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
