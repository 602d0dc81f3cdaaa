// SPDX-License-Identifier: Apache-2.0

interface Utf8Encoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

interface Encoding {
  TextEncoder: new () => Utf8Encoder;
  TextDecoder: new (
    label: string,
    options: { fatal?: boolean; ignoreBOM?: boolean },
  ) => {
    decode(bytes: Uint8Array): string;
  };
}

// The only host objects the codec uses. They are in every runtime but not in ES2022's library, hence the cast.
const host = globalThis as unknown as Encoding;
const SHORT = 64;

/** Strings to UTF-8. */
export const utf8: Utf8Encoder = /* @__PURE__ */ new host.TextEncoder();
// A byte order mark is content: dropping it would map two subjects to one.
const lossy = /* @__PURE__ */ new host.TextDecoder("utf-8", { ignoreBOM: true });
const exact = /* @__PURE__ */ new host.TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** The bytes as UTF-8, each invalid sequence as U+FFFD. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return (
    (end - start <= SHORT ? decodeAscii(bytes, start, end) : undefined) ?? lossy.decode(bytes.subarray(start, end))
  );
}

/** A few bytes of ASCII; a call of TextDecoder costs more than they do. `undefined` where there is anything else. */
function decodeAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let all = 0;
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const a = bytes[i]!;
    const b = bytes[i + 1]!;
    const c = bytes[i + 2]!;
    const d = bytes[i + 3]!;
    const e = bytes[i + 4]!;
    const f = bytes[i + 5]!;
    const g = bytes[i + 6]!;
    const h = bytes[i + 7]!;
    all |= a | b | c | d | e | f | g | h;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; i < end; i++) {
    all |= bytes[i]!;
    text += String.fromCharCode(bytes[i]!);
  }
  return all < 0x80 ? text : undefined;
}

/** The bytes as UTF-8, or `undefined` where they are not. */
export function decodeExact(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return exact.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/**
 * An opaque token (sid, queue group) as a string, never two tokens as one: what is not UTF-8 keeps each byte >= 0x80
 * as the lone surrogate U+DC00 + byte. No UTF-8 decodes to a lone surrogate, and an invalid token has at least one,
 * so the mapping is injective.
 */
export function decodeToken(bytes: Uint8Array, start: number, end: number): string {
  const text = decodeExact(bytes, start, end);
  if (text !== undefined) return text;
  let opaque = "";
  for (let i = start; i < end; i++) opaque += String.fromCharCode(bytes[i]! < 0x80 ? bytes[i]! : 0xdc00 + bytes[i]!);
  return opaque;
}

/**
 * Whether a name is free of flaws: no byte <= 0x20 or 0x7F, no empty token, valid UTF-8.
 */
export function isClean(bytes: Uint8Array, start: number, end: number): boolean {
  let before = 0x2e;
  let ascii = true;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte <= 0x20 || byte === 0x7f || (byte === 0x2e && before === 0x2e)) return false;
    if (byte >= 0x80) ascii = false;
    before = byte;
  }
  if (before === 0x2e) return false;
  return ascii || decodeExact(bytes, start, end) !== undefined;
}

/** Whether the string can be written as UTF-8 and read back: it has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Input as it may be shown in an error: printable ASCII as it is, the rest as \xNN, at most 64 bytes. */
export function quote(bytes: Uint8Array, start: number, end: number): string {
  const last = Math.min(end, start + 64);
  let shown = "";
  for (let i = start; i < last; i++) {
    const byte = bytes[i]!;
    shown +=
      byte >= 0x20 && byte < 0x7f && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `"${shown}"${last < end ? "…" : ""}`;
}

/** SP or HT, which separate arguments and surround header values. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}
