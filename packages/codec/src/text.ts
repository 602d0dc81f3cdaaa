// SPDX-License-Identifier: Apache-2.0

/** Encodes strings as UTF-8. */
export interface Utf8Encoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, into: Uint8Array): { read: number; written: number };
}

interface Utf8Decoder {
  decode(bytes: Uint8Array): string;
}

interface Encoding {
  TextEncoder: new () => Utf8Encoder;
  TextDecoder: new (
    label?: string,
    options?: { fatal: boolean; ignoreBOM: boolean },
  ) => Utf8Decoder & { readonly fatal?: boolean; readonly ignoreBOM?: boolean };
}

// The only host objects that the codec uses. Every runtime has them, but ES2022's library does not: hence the cast.
const host = globalThis as unknown as Encoding;
// The longest text, in bytes, that is decoded without TextDecoder.
const SHORT = 64;
// The longest input, in bytes, that an error message quotes.
const MAX_QUOTE = 64;

/** Encodes strings as UTF-8. */
export const utf8: Utf8Encoder = /* @__PURE__ */ new host.TextEncoder();
// A byte order mark is content: dropping it would map two subjects to one.
const lossy = /* @__PURE__ */ makeDecoder(false);
const exact = /* @__PURE__ */ makeDecoder(true);

/** Returns a decoder that keeps a byte order mark and, if `fatal` is true, throws for invalid UTF-8. */
function makeDecoder(fatal: boolean): Utf8Decoder {
  try {
    const decoder = new host.TextDecoder("utf-8", { ignoreBOM: true, fatal });
    if (decoder.ignoreBOM === true && decoder.fatal === fatal) return decoder;
  } catch {
    // Some runtimes and polyfills reject options that they do not have; others ignore them.
  }
  const plain = new host.TextDecoder();
  return {
    decode(bytes) {
      // The runtime drops a byte order mark at the start only, so a space is put before it.
      const padded = new Uint8Array(bytes.length + 1);
      padded[0] = 0x20;
      padded.set(bytes, 1);
      const text = plain.decode(padded).slice(1);
      if (fatal && utf8.encode(text).join() !== bytes.join()) throw new TypeError("not UTF-8");
      return text;
    },
  };
}

/** Decodes bytes from `start` to `end` as UTF-8, with U+FFFD for each invalid sequence. Keeps a byte order mark. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string {
  return (
    (end - start <= SHORT ? decodeAscii(bytes, start, end) : undefined) ?? lossy.decode(bytes.subarray(start, end))
  );
}

/** Returns whether a text is ASCII, and these are its bytes. */
export function equalsAscii(text: string, bytes: Uint8Array, start: number): boolean {
  let all = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== bytes[start + i]) return false;
    all |= code;
  }
  return all < 0x80;
}

/** Decodes a few bytes of ASCII, for which calling TextDecoder costs more. Returns `undefined` for anything else. */
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

/** Decodes bytes as UTF-8. Returns `undefined` if they are not valid UTF-8. */
export function decodeExact(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return exact.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/**
 * Decodes a name or a token: two that differ never become the same string.
 *
 * If it is not valid UTF-8, each byte >= 0x80 becomes the lone surrogate U+DC00 + byte. Valid UTF-8 never decodes to a lone
 * surrogate, and invalid UTF-8 has at least one byte >= 0x80, so the mapping is injective.
 */
export function decodeOpaque(bytes: Uint8Array, start: number, end: number): string {
  const text = (end - start <= SHORT ? decodeAscii(bytes, start, end) : undefined) ?? decodeExact(bytes, start, end);
  if (text !== undefined) return text;
  let opaque = "";
  for (let i = start; i < end; i++) opaque += String.fromCharCode(bytes[i]! < 0x80 ? bytes[i]! : 0xdc00 + bytes[i]!);
  return opaque;
}

/** Encodes a string that `decodeOpaque` returned. Returns `undefined` for a string that it never returns. */
export function encodeOpaque(text: string): Uint8Array | undefined {
  if (isWellFormed(text)) return utf8.encode(text);
  const bytes = new Uint8Array(text.length);
  // The low byte of U+DC00 + byte is the byte.
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return decodeOpaque(bytes, 0, bytes.length) === text ? bytes : undefined;
}

/** Returns whether a name has no flaw: no byte <= 0x20, no 0x7F, no empty token, and valid UTF-8. */
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

/** Returns whether a string survives UTF-8: it has no lone surrogate. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Quotes input for an error message: printable ASCII as it is, other bytes as `\xNN`, at most 64 bytes. */
export function quote(bytes: Uint8Array, start: number, end: number): string {
  const last = Math.min(end, start + MAX_QUOTE);
  let quoted = "";
  for (let i = start; i < last; i++) {
    const byte = bytes[i]!;
    const isPrintable = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    quoted += isPrintable ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, "0")}`;
  }
  return `"${quoted}"${last < end ? "…" : ""}`;
}

/** Returns the text of an -ERR without the quotes around it. */
export function unquoted(text: string): string {
  return text.length > 1 && text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1) : text;
}

/** Returns whether a byte is SP or HT, which separate arguments and surround header values. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09;
}

const names: Readonly<Record<string, string>> = {
  " ": "a space",
  "\t": "a tab",
  "\r": "a CR",
  "\n": "an LF",
  "\0": "a NUL",
  ":": "a colon",
};

/** Names a character for an error message: "a space", "a lone surrogate", "U+007F". */
export function characterName(character: string): string {
  if (!isWellFormed(character)) return "a lone surrogate";
  return names[character] ?? `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
