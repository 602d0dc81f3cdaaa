// SPDX-License-Identifier: Apache-2.0

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
// The digits of a slot: 24 bits.
const SLOT_DIGITS = 4;
// The random digits of a token: 72 bits.
const RANDOM_DIGITS = 12;
const TOKEN = SLOT_DIGITS + RANDOM_DIGITS;
// The number of random bytes that are fetched at once (`client request, 500 at once 16 B`).
const RANDOM_BYTES = 4096;

/**
 * The subjects that replies are sent to: one inbox with 96 random bits for all requests, followed by a token for each.
 *
 * A token holds the slot of the request, to find it by, and 72 random bits that are new for each request. The reply subjects
 * that somebody has seen do not help to guess another (docs/reliability.md, S14).
 */
export class Inbox {
  /** The subject of the shared inbox, with a wildcard for the token. */
  readonly pattern: string;
  readonly #prefix: string;
  readonly #fill: (into: Uint8Array<ArrayBuffer>) => void;
  // Random digits, as codes of characters, from #used on.
  #random = new DataView(new ArrayBuffer(0));
  #used = 0;

  constructor(inboxPrefix: string, random: (into: Uint8Array<ArrayBuffer>) => void) {
    this.#fill = random;
    this.#prefix = `${newInbox(inboxPrefix, random)}.`;
    this.pattern = `${this.#prefix}*`;
  }

  /** Returns a new reply subject for a request in this slot. With `isOwn`, the shared inbox does not match it. */
  replyTo(slot: number, isOwn = false): string {
    if (this.#used + RANDOM_DIGITS > this.#random.byteLength) this.#refill();
    const random = this.#random;
    const i = this.#used;
    this.#used += RANDOM_DIGITS;
    // An exact number of arguments is three times as fast as a loop.
    const token = String.fromCharCode(
      ALPHABET.charCodeAt((slot >> 18) & 63),
      ALPHABET.charCodeAt((slot >> 12) & 63),
      ALPHABET.charCodeAt((slot >> 6) & 63),
      ALPHABET.charCodeAt(slot & 63),
      random.getUint8(i),
      random.getUint8(i + 1),
      random.getUint8(i + 2),
      random.getUint8(i + 3),
      random.getUint8(i + 4),
      random.getUint8(i + 5),
      random.getUint8(i + 6),
      random.getUint8(i + 7),
      random.getUint8(i + 8),
      random.getUint8(i + 9),
      random.getUint8(i + 10),
      random.getUint8(i + 11),
    );
    return isOwn ? `${this.#prefix}own.${token}` : this.#prefix + token;
  }

  /** Returns the slot that a subject of the shared inbox names, or -1 if it cannot be a reply subject. */
  slotOf(subject: string): number {
    const start = this.#prefix.length;
    if (subject.length !== start + TOKEN) return -1;
    let slot = 0;
    for (let i = start; i < start + SLOT_DIGITS; i++) {
      const digit = digitOf(subject.charCodeAt(i));
      if (digit < 0) return -1;
      slot = (slot << 6) | digit;
    }
    return slot;
  }

  #refill(): void {
    const bytes = new Uint8Array(RANDOM_BYTES);
    this.#fill(bytes);
    this.#random = new DataView(bytes.map((byte) => ALPHABET.charCodeAt(byte & 63)).buffer);
    this.#used = 0;
  }
}

/** Returns a subject below the prefix with 96 random bits. */
export function newInbox(inboxPrefix: string, random: (into: Uint8Array<ArrayBuffer>) => void): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  return `${inboxPrefix}.${Array.from(bytes, (byte) => ALPHABET[byte & 63]).join("")}`;
}

/** Returns the value of a digit of the alphabet, or -1. */
function digitOf(code: number): number {
  if (code >= 0x61) return code <= 0x7a ? code - 0x61 + 36 : -1;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41 + 10;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code === 0x2d ? 62 : code === 0x5f ? 63 : -1;
}
