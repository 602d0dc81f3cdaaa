// SPDX-License-Identifier: Apache-2.0

// Segments below this are copied next to each other, so that one write takes them all.
const SMALL = 16_384;
// Never kept: a write has taken its bytes from here when it returns.
const joined = /* @__PURE__ */ new Uint8Array(65_536);

/**
 * What waits to be written, in order.
 *
 * A write that TLS did not take has to be repeated with no fewer bytes. It is: what waits only grows at its end, and how
 * much of it is written at once depends on its beginning alone.
 */
export class Outflow {
  readonly #waiting: Uint8Array[] = [];
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#size += bytes.length;
  }

  /** What to write next, until `took` is told of it. */
  next(): Uint8Array {
    const [first, second] = this.#waiting as [Uint8Array, Uint8Array | undefined];
    if (second === undefined || first.length >= SMALL) return first;
    let size = 0;
    for (const bytes of this.#waiting) {
      if (bytes.length >= SMALL || size + bytes.length > joined.length) break;
      joined.set(bytes, size);
      size += bytes.length;
    }
    return joined.subarray(0, size);
  }

  /** So many of the oldest bytes are written. */
  took(bytes: number): void {
    this.#size -= bytes;
    let left = bytes;
    let whole = 0;
    for (let one = this.#waiting[0]; one !== undefined && one.length <= left; one = this.#waiting[whole]) {
      left -= one.length;
      whole++;
    }
    this.#waiting.splice(0, whole);
    const [first] = this.#waiting;
    if (first !== undefined && left > 0) this.#waiting[0] = first.subarray(left);
  }
}
