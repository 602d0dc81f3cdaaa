// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createInstrumenter } from "istanbul-lib-instrument";

const VARIABLE = "__natswire_fuzz__";

interface Counters {
  s: Record<string, number> | Uint32Array;
  f: Record<string, number> | Uint32Array;
  b: Record<string, number[] | Uint32Array>;
}

/** The module a target is about: what has nothing to do with it would only be counted in vain. */
export function entryOf(target: string): string {
  const entry = /^(server|session-)/.test(target) ? new URL("under-test.js", import.meta.url).href : "@natswire/codec";
  return fileURLToPath(import.meta.resolve(entry));
}

/** A module and all it imports as one file's text, with a counter in every statement and branch where asked for. */
export async function bundled(entry: string, instrumented: boolean): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "error",
    // What is CommonJS inside a bundle asks for these.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const { text } = outputFiles[0]!;
  if (!instrumented) return text;
  return createInstrumenter({ esModules: true, coverageVariable: VARIABLE }).instrumentSync(text, entry);
}

/** Which counters of the instrumented module an input moved, and how far. */
export class Coverage {
  readonly #counters: Uint32Array;
  // For each counter the powers of two it has reached, one bit each.
  readonly #reached: Uint8Array;
  /** Counter and power pairs seen so far. */
  points = 0;

  /** Takes over the counters of the module that was imported last. */
  constructor() {
    const files = Object.values((globalThis as unknown as Record<string, Record<string, Counters>>)[VARIABLE] ?? {});
    const groups = files.flatMap(({ s, f, b }) => [s, f, ...Object.values(b)]);
    const size = groups.reduce((sum, group) => sum + Object.keys(group).length, 0);
    this.#counters = new Uint32Array(size);
    this.#reached = new Uint8Array(size);
    // One block of numbers in the place of many objects, to be looked through and cleared at once.
    let at = 0;
    const place = (group: object): Uint32Array => {
      const length = Object.keys(group).length;
      at += length;
      return this.#counters.subarray(at - length, at);
    };
    for (const file of files) {
      file.s = place(file.s);
      file.f = place(file.f);
      for (const branch of Object.keys(file.b)) file.b[branch] = place(file.b[branch]!);
    }
  }

  clear(): void {
    this.#counters.fill(0);
  }

  /** Whether the input since `clear` did what none before it did. */
  isNew(): boolean {
    const counters = this.#counters;
    const before = this.points;
    for (let i = 0; i < counters.length; i++) {
      const count = counters[i]!;
      if (count === 0) continue;
      const bit = 1 << Math.min(7, 31 - Math.clz32(count));
      if ((this.#reached[i]! & bit) !== 0) continue;
      this.#reached[i]! |= bit;
      this.points++;
    }
    return this.points > before;
  }

  /** Statements and branches executed since `clear`: work that does not depend on the machine. */
  get work(): number {
    return this.#counters.reduce((sum, count) => sum + count, 0);
  }
}
