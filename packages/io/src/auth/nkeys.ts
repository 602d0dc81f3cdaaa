// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { base32nopad } from "@scure/base";

/** The kind of entity that an nkey belongs to. */
export type KeyKind = "operator" | "account" | "user" | "server" | "cluster" | "curve";

// The first byte of a key is its kind. As text it becomes the first letter of the kind, but N for servers and X for curves.
const prefixes: Readonly<Record<KeyKind, number>> = {
  account: 0,
  cluster: 2 << 3,
  server: 13 << 3,
  operator: 14 << 3,
  user: 20 << 3,
  curve: 23 << 3,
};
const SEED = 18 << 3;
const KEY_BYTES = 32;

/**
 * Returns a public key as text: `U…` for a user.
 *
 * @param key 32 bytes
 * @throws UsageError BAD_FIELD if it has another length
 */
export function encodePublicKey(kind: KeyKind, key: Uint8Array): string {
  return encode([prefixes[kind]], key);
}

/**
 * Returns the kind and the bytes of a public key.
 *
 * @throws UsageError BAD_FIELD if the text is not a public key
 */
export function decodePublicKey(text: string): { readonly kind: KeyKind; readonly key: Uint8Array } {
  const bytes = decode(text);
  const kind = kindOf(bytes[0]);
  if (kind === undefined || bytes.length !== 1 + KEY_BYTES) throw invalid("it is not a public key");
  return { kind, key: bytes.subarray(1) };
}

/**
 * Returns a seed as text: `SU…` for a user.
 *
 * @param seed 32 bytes, a secret
 * @throws UsageError BAD_FIELD if it has another length
 */
export function encodeSeed(kind: KeyKind, seed: Uint8Array): string {
  const prefix = prefixes[kind];
  return encode([SEED | (prefix >> 5), (prefix & 31) << 3], seed);
}

/**
 * Returns the kind and the bytes of a seed. Errors never contain the text.
 *
 * @throws UsageError BAD_FIELD if the text is not a seed
 */
export function decodeSeed(text: string): { readonly kind: KeyKind; readonly seed: Uint8Array } {
  const bytes = decode(text);
  const [first = 0, second = 0] = bytes;
  const kind = kindOf(((first & 7) << 5) | (second >> 3));
  if ((first & ~7) !== SEED || (second & 7) !== 0 || kind === undefined || bytes.length !== 2 + KEY_BYTES) {
    throw invalid("it is not a seed");
  }
  return { kind, seed: bytes.subarray(2) };
}

function encode(prefix: readonly number[], key: Uint8Array): string {
  if (key.length !== KEY_BYTES) throw invalid(`it has ${key.length} bytes, not ${KEY_BYTES}`);
  const bytes = Uint8Array.of(...prefix, ...key, 0, 0);
  const end = bytes.length - 2;
  const sum = crc16(bytes.subarray(0, end));
  bytes.set([sum & 255, sum >> 8], end);
  return base32nopad.encode(bytes);
}

/** Returns prefix and key. Errors do not contain the text, which may be a secret. */
function decode(text: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = base32nopad.decode(text);
  } catch {
    throw invalid("it is not base32 in capitals without padding");
  }
  const end = bytes.length - 2;
  const [low = 0, high = 0] = bytes.subarray(end);
  if (crc16(bytes.subarray(0, end)) !== (low | (high << 8))) throw invalid("its checksum is wrong");
  return bytes.subarray(0, end);
}

function kindOf(prefix: number | undefined): KeyKind | undefined {
  return (Object.keys(prefixes) as KeyKind[]).find((kind) => prefixes[kind] === prefix);
}

function invalid(reason: string): UsageError {
  return new UsageError("BAD_FIELD", `invalid nkey: ${reason}`);
}

/** CRC-16/XMODEM: polynomial 0x1021, from 0, not reflected. */
function crc16(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 0x8000 ? (sum << 1) ^ 0x1021 : sum << 1) & 0xffff;
  }
  return sum;
}
