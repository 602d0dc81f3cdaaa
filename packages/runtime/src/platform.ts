// SPDX-License-Identifier: Apache-2.0

interface Host {
  performance: { now(): number };
  crypto: { getRandomValues(into: Uint8Array): Uint8Array };
  setTimeout(run: () => void, after: number): unknown;
  clearTimeout(timer: unknown): void;
}

// What every runtime has and ES2022's library does not declare.
const host = globalThis as unknown as Host;

/** Monotonic milliseconds. */
export function now(): number {
  return host.performance.now();
}

/** Fills bytes from the platform's cryptographic source. */
export function random(into: Uint8Array): void {
  host.crypto.getRandomValues(into);
}

/** One alarm at a time, for a machine's `deadline`. */
export class Alarm {
  readonly #ring: () => void;
  #timer: unknown;
  #at: number | undefined;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Rings at this time instead of any other; `undefined` for not at all. */
  set(at: number | undefined): void {
    if (at === this.#at) return;
    host.clearTimeout(this.#timer);
    this.#at = at;
    if (at === undefined) return;
    // A timer may fire a little early, and a delay above 31 bits would fire at once.
    const after = Math.min(Math.max(0, Math.ceil(at - now())), 0x7fffffff);
    this.#timer = host.setTimeout(() => {
      this.#at = undefined;
      this.#ring();
    }, after);
  }
}
