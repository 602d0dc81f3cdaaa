// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from "vitest";
import { decodeExact, decodeText, isClean } from "../src/text.ts";

type Options = { readonly fatal?: boolean; readonly ignoreBOM?: boolean };

const Full = TextDecoder;

/** Rejects options, as polyfills and some engines do. */
class WithoutOptions {
  readonly #decoder = new Full();

  constructor(_label?: string, options?: Options) {
    if (options !== undefined) throw new RangeError("the options are not supported");
  }

  decode(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes);
  }
}

/** Ignores options. */
class IgnoringOptions {
  readonly #decoder = new Full();

  decode(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes);
  }
}

/** Rejects `fatal` only. */
class WithoutFatal {
  readonly fatal = false;
  readonly ignoreBOM = true;
  readonly #decoder: TextDecoder;

  constructor(label?: string, options?: Options) {
    if (options?.fatal === true) throw new RangeError("fatal is not supported");
    this.#decoder = new Full(label, options);
  }

  decode(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes);
  }
}

afterEach(() => void vi.unstubAllGlobals());

// Longer than what is decoded without a TextDecoder, too.
const samples = [
  [],
  [0x61],
  [0xc3, 0xa9],
  [0xf0, 0x9f, 0x98, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf],
]
  .concat([
    [0xff],
    [0x61, 0x80],
    [0xc3],
    [0xed, 0xa0, 0x80],
    [0xc0, 0x80],
    [0xef, 0xbf, 0xbd],
    [0xff, 0xef, 0xbf, 0xbd],
  ])
  .flatMap((bytes) => [
    bytes,
    [...bytes, ...new Array<number>(100).fill(0x62)],
    [...new Array<number>(100).fill(0x62), ...bytes],
  ])
  .map((bytes) => Uint8Array.from(bytes));

describe.each([
  ["rejects options", WithoutOptions],
  ["ignores options", IgnoringOptions],
  ["rejects fatal", WithoutFatal],
])("text in a runtime whose TextDecoder %s", (_, limited) => {
  it("is decoded as everywhere", async () => {
    vi.stubGlobal("TextDecoder", limited);
    vi.resetModules();
    const here = await import("../src/text.ts");
    for (const bytes of samples) {
      const range = [bytes, 0, bytes.length] as const;
      const decoded = [here.decodeText(...range), here.decodeExact(...range), here.isClean(...range)];
      expect([bytes, ...decoded]).toEqual([bytes, decodeText(...range), decodeExact(...range), isClean(...range)]);
    }
  });
});
