// SPDX-License-Identifier: Apache-2.0
import { Random } from "../../testkit/random.ts";

/** A random source that reads an input, so that a smaller input is a smaller case. At the end it returns 0. */
export class Choices extends Random {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    super(0);
    this.#bytes = bytes;
  }

  override below(limit: number): number {
    let value = 0;
    for (let range = 1; range < limit; range *= 256) value = value * 256 + (this.#bytes[this.#at++] ?? 0);
    return value % limit;
  }
}
