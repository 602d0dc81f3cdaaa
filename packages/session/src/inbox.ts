// SPDX-License-Identifier: Apache-2.0
import type { FrameCursor } from "@natswire/codec";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
// The digits of a slot, A to P: 20 bits.
const SLOT_DIGITS = 5;
const A = 65;
// The random digits of a token: 66 bits.
const RANDOM_DIGITS = 11;
const TOKEN = SLOT_DIGITS + RANDOM_DIGITS;
// The number of random bytes that are fetched at once (`client request, 500 at once 16 B`).
const RANDOM_BYTES = 4096;

/**
 * The subjects that replies are sent to: one inbox with 96 random bits for all requests, followed by a token for each.
 *
 * A token holds the slot of the request, and 66 random bits that are new for each request. So a reply subject cannot be
 * guessed from others (docs/reliability.md, S14).
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
      A + (slot >> 16),
      A + ((slot >> 12) & 15),
      A + ((slot >> 8) & 15),
      A + ((slot >> 4) & 15),
      A + (slot & 15),
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
    );
    return isOwn ? `${this.#prefix}own.${token}` : this.#prefix + token;
  }

  /** Returns the slot that the subject of a message to the shared inbox names, or -1 if it cannot be a reply subject. */
  slotOf(message: FrameCursor): number {
    let slot = 0;
    for (let i = -TOKEN; i < SLOT_DIGITS - TOKEN; i++) {
      const digit = message.subjectByteAt(i) - A;
      if (digit < 0 || digit > 15) return -1;
      slot = (slot << 4) | digit;
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
