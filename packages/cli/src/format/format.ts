// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, type MsgHeaders } from "@natswire/codec";
import { redactedFrame } from "@natswire/io/adapter";
import type { DecodedFrame, Frame, Side } from "../frame-reader.ts";
import { redactBytes } from "./redact.ts";

// Characters that are shown of each part; a longer part loses its middle.
const WIDTH = 160;
const LF = 0x0a;
const DEL = 0x7f;

/** Matches the characters that control a terminal, and line ends of every kind. */
export const CONTROL_CHARACTERS: RegExp = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** How much of a frame is shown. */
export interface FormatOptions {
  /** Shows long parts whole. */
  readonly full?: boolean | undefined;
  /** Shows the secrets of a CONNECT. */
  readonly keepCredentials?: boolean | undefined;
}

/** Returns bytes as text, or `undefined` if they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Returns the verb of a frame in upper case. */
export function verbOf(frame: Frame): string {
  if (frame.op === "ok") return "+OK";
  if (frame.op === "err") return "-ERR";
  const hasHeaders = (frame.op === "msg" || frame.op === "pub") && frame.headers !== undefined;
  return `${hasHeaders ? "H" : ""}${frame.op.toUpperCase()}`;
}

/** Returns the direction of a frame: `->` from the client, `<-` to it. */
export function formatDirection(from: Side): string {
  return from === "client" ? "->" : "<-";
}

/** Returns milliseconds as seconds, padded to a column: `   0.803`. */
export function formatTime(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3).padStart(8);
}

/** Returns a frame on one line: control line, headers, payload. Control characters are replaced by symbols. */
export function formatFrame({ frame, bytes }: DecodedFrame, options: FormatOptions): string {
  const redacted = options.keepCredentials ? bytes : redactBytes(frame, bytes);
  const line = visible(lenient.decode(redacted.subarray(0, redacted.indexOf(LF))).trimEnd());
  const parts = [shorten(line, options)];
  if (frame.op === "msg" || frame.op === "pub") {
    if (frame.headers !== undefined) parts.push(shorten(formatHeaders(frame.headers), options));
    if (frame.payload.length > 0) parts.push(shorten(formatPayload(frame.payload), options));
  }
  return parts.join(" | ");
}

/** Returns the fields of a frame for JSON, under their protocol names; bytes that are not UTF-8 as base64. */
export function frameFields(frame: Frame, { keepCredentials }: FormatOptions): Record<string, unknown> {
  const verb = verbOf(frame);
  if (frame.op === "msg" || frame.op === "pub") {
    const { op, headers, payload, ...rest } = frame;
    const block = headers && (headerFields(headers) ?? bytesField("headers", headers));
    return { verb, ...rest, ...block, ...bytesField("payload", payload) };
  }
  const { op, ...rest } = keepCredentials ? frame : redactedFrame(frame);
  return { verb, ...rest };
}

/** Returns text with control characters replaced by symbols, so that a peer cannot move the cursor. */
export function visible(text: string): string {
  return text.replace(CONTROL_CHARACTERS, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === DEL ? "␡" : "�";
  });
}

/** Returns a value as one line of JSON, control characters escaped. */
export function jsonLine(value: object, replacer?: (name: string, value: unknown) => unknown): string {
  return JSON.stringify(value, replacer).replace(
    CONTROL_CHARACTERS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Returns a number with its noun: `1 frame`, `2 frames`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function formatHeaders(block: Uint8Array): string {
  const headers = decodeHeaders(block);
  if (headers === undefined) return `malformed headers ${formatPayload(block)}`;
  const { status, description } = headers;
  const first = status === undefined ? [] : [`${status}${description === undefined ? "" : ` ${description}`}`];
  return visible([...first, ...[...headers].map(([name, value]) => `${name}: ${value}`)].join(", "));
}

function formatPayload(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  return text === undefined ? `0x${Buffer.from(bytes).toString("hex")}` : visible(text);
}

function headerFields(block: Uint8Array): Record<string, unknown> | undefined {
  const headers: MsgHeaders | undefined = decodeHeaders(block);
  return headers && { status: headers.status, description: headers.description, headers: [...headers] };
}

function bytesField(name: string, bytes: Uint8Array): Record<string, string> {
  const text = decodeUtf8(bytes);
  return text === undefined ? { [`${name}_base64`]: Buffer.from(bytes).toString("base64") } : { [name]: text };
}

function shorten(text: string, { full }: FormatOptions): string {
  return full || text.length <= WIDTH ? text : `${text.slice(0, WIDTH / 2)} … ${text.slice(-WIDTH / 2)}`;
}
