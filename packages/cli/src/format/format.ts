// SPDX-License-Identifier: Apache-2.0
import { isAscii, isUtf8 } from "node:buffer";
import { decodeHeaders } from "@natswire/codec";
import type { FrameView, Side } from "../frame-reader.ts";
import { redactBytes, redactedConnect } from "./redact.ts";

// Characters that are shown of each part; a longer part loses its middle.
const WIDTH = 160;
// Bytes of a payload above which only its ends are decoded. A character has at most four bytes, and one may be cut at each end.
const LONG = 4 * WIDTH + 8;
const LF = 0x0a;
const DEL = 0x7f;

/** Matches the characters that control a terminal, and line ends of every kind. */
export const CONTROL_CHARACTERS: RegExp = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

// Without a match, nothing needs to be replaced. It takes a fraction of the time of the expression above.
const UNUSUAL = /[^\x20-\x7e]/;

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
  const buffer = bufferOf(bytes);
  // Most are ASCII: a TextDecoder takes several times as long for them.
  if (isAscii(buffer)) return buffer.toString("latin1");
  return isUtf8(buffer) ? buffer.toString() : undefined;
}

/** Returns the direction of a frame: `->` from the client, `<-` to it. */
export function formatDirection(from: Side): string {
  return from === "client" ? "->" : "<-";
}

/** Returns milliseconds as seconds, padded to a column: `   0.803`. */
export function formatTime(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3).padStart(8);
}

/** A frame as text, in the parts that are printed. */
export interface FrameText {
  readonly line: string;
  readonly headers: string | undefined;
  readonly payload: string | undefined;
}

/** Returns a frame as text. Control characters are replaced by symbols. */
export function frameText(view: FrameView, options: FormatOptions): FrameText {
  return messageText(formatControlLine(view, options), view.headers, view.payload, options);
}

/** Returns a line that was made visible, headers and a payload as text. */
export function messageText(
  line: string,
  headers: Uint8Array | undefined,
  payload: Uint8Array | undefined,
  options: FormatOptions,
): FrameText {
  return {
    line: shorten(line, options),
    headers: headers && shorten(formatHeaders(headers), options),
    payload: payload === undefined || payload.length === 0 ? undefined : formatPayload(payload, options),
  };
}

/** Returns a frame on one line: control line, headers, payload. */
export function joinText({ line, headers, payload }: FrameText): string {
  let text = line;
  if (headers !== undefined) text += ` | ${headers}`;
  if (payload !== undefined) text += ` | ${payload}`;
  return text;
}

/** Returns a text of at most `width` characters: a longer one loses its middle. */
export function cutMiddle(text: string, width: number): string {
  return text.length <= width
    ? text
    : `${text.slice(0, Math.ceil(width / 2) - 1)}…${text.slice(-Math.floor(width / 2))}`;
}

/** Returns the fields of a frame as members of a JSON object, under their protocol names. */
export function frameMembers(view: FrameView, { keepCredentials }: FormatOptions): string {
  const { verb, frame } = view;
  if (!("payload" in frame)) {
    const { op, ...fields } =
      keepCredentials || frame.op !== "connect" ? frame : { ...frame, options: redactedConnect(frame.options) };
    return jsonLine({ verb, ...fields }).slice(1, -1);
  }
  const { op, headers, payload, ...names } = frame;
  return messageMembers({ verb, ...names }, view.headers, payload);
}

/** Returns some names of a message, its headers and its payload as members of a JSON object. */
export function messageMembers(
  names: object,
  headers: Uint8Array | undefined,
  payload: Uint8Array | undefined,
): string {
  const block = headers && (headerMembers(headers) ?? bytesMember(headers, "headers", "headers_base64"));
  const body = payload && bytesMember(payload, "payload", "payload_base64");
  return [jsonLine(names).slice(1, -1), block, body].filter(Boolean).join();
}

/** Returns bytes as a member of a JSON object: a text, or base64 under another name if they are not UTF-8. */
export function bytesMember(bytes: Uint8Array, textName: string, base64Name: string): string {
  const buffer = bufferOf(bytes);
  const isPlain = isAscii(buffer) && !buffer.includes(DEL);
  if (!isPlain && !isUtf8(buffer)) return `"${base64Name}":"${buffer.toString("base64")}"`;
  const json = JSON.stringify(buffer.toString(isPlain ? "latin1" : "utf8"));
  return `"${textName}":${isPlain ? json : escapeJson(json)}`;
}

/** Returns text with control characters replaced by symbols, so that a peer cannot move the cursor. */
export function visible(text: string): string {
  if (!UNUSUAL.test(text)) return text;
  return text.replace(CONTROL_CHARACTERS, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === DEL ? "␡" : "�";
  });
}

/** Returns a value as one line of JSON, control characters escaped. */
export function jsonLine(value: object, replacer?: (name: string, value: unknown) => unknown): string {
  return escapeJson(JSON.stringify(value, replacer));
}

function escapeJson(json: string): string {
  if (!UNUSUAL.test(json)) return json;
  return json.replace(CONTROL_CHARACTERS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Returns milliseconds with a unit: `0.84 ms`, `12.3 ms`, `1.23 s`. */
export function formatDuration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Number(milliseconds.toPrecision(3))} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** Returns a number with its noun: `1 frame`, `2 frames`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function formatControlLine(view: FrameView, { keepCredentials }: FormatOptions): string {
  const bytes = view.verb === "CONNECT" && !keepCredentials ? redactBytes(view) : view.bytes;
  const line = bytes.subarray(0, bytes.indexOf(LF));
  return visible((decodeUtf8(line) ?? lenient.decode(line)).trimEnd());
}

function formatHeaders(block: Uint8Array): string {
  const headers = decodeHeaders(block);
  if (headers === undefined) return `malformed headers ${formatPayload(block, { full: true })}`;
  const { status, description } = headers;
  const first = status === undefined ? [] : [`${status}${description === undefined ? "" : ` ${description}`}`];
  return visible([...first, ...[...headers].map(([name, value]) => `${name}: ${value}`)].join(", "));
}

/** Returns a payload as text or in hexadecimal. Of a long one, only what is shown is decoded. */
function formatPayload(bytes: Uint8Array, options: FormatOptions): string {
  const buffer = bufferOf(bytes);
  const isText = isUtf8(buffer);
  const format = (part: Buffer): string => (isText ? visible(part.toString()) : part.toString("hex"));
  const prefix = isText ? "" : "0x";
  if (options.full || buffer.length <= LONG) return shorten(prefix + format(buffer), options);
  const head = format(buffer.subarray(0, LONG / 2)).slice(0, WIDTH);
  const tail = format(buffer.subarray(-LONG / 2)).slice(-WIDTH);
  return shorten(prefix + head + tail, options);
}

function headerMembers(block: Uint8Array): string | undefined {
  const headers = decodeHeaders(block);
  if (headers === undefined) return undefined;
  const { status, description } = headers;
  return jsonLine({ status, description, headers: [...headers] }).slice(1, -1);
}

function shorten(text: string, { full }: FormatOptions): string {
  return full || text.length <= WIDTH ? text : `${text.slice(0, WIDTH / 2)} … ${text.slice(-WIDTH / 2)}`;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
