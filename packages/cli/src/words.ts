// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, type MsgHeaders, type ServerFrame } from "@natswire/codec";
import { redacted } from "@natswire/io/adapter";
import type { Frame, Heard } from "./ear.ts";

// Characters of a part that are shown: of a longer one its beginning and its end.
const WIDTH = 160;
const LF = 0x0a;
const DEL = 0x7f;

/** What a terminal obeys, and does not show. */
export const UNSEEN: RegExp = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** How much is shown of a frame. */
export interface Detail {
  /** Nothing is cut. */
  readonly full?: boolean | undefined;
  readonly keepCredentials?: boolean | undefined;
}

/** Bytes as text, or `undefined` where they are none. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The verb a frame was said with, in upper case. */
export function verbOf(frame: Frame): string {
  if (frame.op === "ok") return "+OK";
  if (frame.op === "err") return "-ERR";
  const isHeaded = (frame.op === "msg" || frame.op === "pub") && frame.headers !== undefined;
  return `${isHeaded ? "H" : ""}${frame.op.toUpperCase()}`;
}

/** The bytes of a frame without credentials: as they were, but for a CONNECT that has some. */
export function bytesOf(
  { frame, bytes }: { readonly frame: Frame | ServerFrame; readonly bytes: Uint8Array },
  { keepCredentials }: Detail,
): Uint8Array {
  if (frame.op !== "connect" || keepCredentials) return bytes;
  const shown = JSON.stringify(redacted(frame.options));
  return shown === JSON.stringify(frame.options) ? bytes : new TextEncoder().encode(`CONNECT ${shown}\r\n`);
}

/** A frame on one line: control line, headers, payload, nothing in it that a terminal would obey. */
export function inWords(heard: Heard, detail: Detail): string {
  const { frame } = heard;
  const bytes = bytesOf(heard, detail);
  const line = visible(lenient.decode(bytes.subarray(0, bytes.indexOf(LF))).trimEnd());
  const parts = [cut(line, detail)];
  if (frame.op === "msg" || frame.op === "pub") {
    if (frame.headers !== undefined) parts.push(cut(headersInWords(frame.headers), detail));
    if (frame.payload.length > 0) parts.push(cut(payloadInWords(frame.payload), detail));
  }
  return parts.join(" | ");
}

/** A frame for a program: what the wire says, by the wire's names, bytes as text or else as base64. */
export function asJson({ frame }: Heard, { keepCredentials }: Detail): Record<string, unknown> {
  const verb = verbOf(frame);
  switch (frame.op) {
    case "connect":
      return { verb, options: keepCredentials ? frame.options : redacted(frame.options) };
    case "msg":
    case "pub": {
      const { op, headers, payload, ...rest } = frame;
      const block = headers && (headersAsJson(headers) ?? bytesAsJson("headers", headers));
      return { verb, ...rest, ...block, ...bytesAsJson("payload", payload) };
    }
    default: {
      const { op, ...rest } = frame;
      return { verb, ...rest };
    }
  }
}

/** Control characters as signs: what a stranger sends must not move the cursor. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (sign) => {
    const code = sign.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === DEL ? "␡" : "�";
  });
}

/** A value on one line of JSON, as exact, and as harmless in a terminal. */
export function asLine(value: object, replacer?: (name: string, value: unknown) => unknown): string {
  return JSON.stringify(value, replacer).replace(
    UNSEEN,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** How many there are, in words: `1 frame`, `2 frames`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function headersInWords(block: Uint8Array): string {
  const headers = decodeHeaders(block);
  if (headers === undefined) return `malformed headers ${payloadInWords(block)}`;
  const { status, description } = headers;
  const first = status === undefined ? [] : [`${status}${description === undefined ? "" : ` ${description}`}`];
  return visible([...first, ...[...headers].map(([name, value]) => `${name}: ${value}`)].join(", "));
}

function payloadInWords(bytes: Uint8Array): string {
  const text = textOf(bytes);
  return text === undefined ? `0x${Buffer.from(bytes).toString("hex")}` : visible(text);
}

function headersAsJson(block: Uint8Array): Record<string, unknown> | undefined {
  const headers: MsgHeaders | undefined = decodeHeaders(block);
  return headers && { status: headers.status, description: headers.description, headers: [...headers] };
}

function bytesAsJson(name: string, bytes: Uint8Array): Record<string, string> {
  const text = textOf(bytes);
  return text === undefined ? { [`${name}_base64`]: Buffer.from(bytes).toString("base64") } : { [name]: text };
}

function cut(text: string, { full }: Detail): string {
  return full || text.length <= WIDTH ? text : `${text.slice(0, WIDTH / 2)} … ${text.slice(-WIDTH / 2)}`;
}
