// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../../testkit/random.ts";
import type { Coverage } from "./coverage.ts";
import { type Finding, findingOf } from "./finding.ts";
import { minimise } from "./minimise.ts";
import { mutate } from "./mutate.ts";

const MOST = 20_000;
const SHORT = 10;
const UNSTEADY = "the same input gives the same result every time";

/** What a fuzzer needs of its target. */
export interface Subject {
  readonly name: string;
  readonly laws: (input: Uint8Array) => void;
  readonly generate: (random: Random) => Uint8Array;
}

/**
 * Tries inputs, which are generated or mutated from the corpus. With coverage it adds each input that reaches something new
 * to the corpus; without coverage the corpus does not grow.
 */
export class Fuzzer {
  readonly #subject: Subject;
  readonly #random: Random;
  readonly #coverage: Coverage | undefined;
  /** The inputs to mutate. */
  readonly corpus: Uint8Array[];
  /** The first finding of each law, minimised. */
  readonly findings = new Map<string, Finding>();
  readonly #pending: Uint8Array[];

  constructor(subject: Subject, random: Random, corpus: readonly Uint8Array[], coverage?: Coverage) {
    this.#subject = subject;
    this.#random = random;
    this.#coverage = coverage;
    this.corpus = coverage === undefined ? [...corpus] : [];
    // Each run starts without coverage, so the corpus must be tried again.
    this.#pending = coverage === undefined ? [] : [...corpus];
  }

  /** Returns the next input to try. */
  next(): Uint8Array {
    const kept = this.#pending.pop();
    if (kept !== undefined) return kept;
    const { corpus } = this;
    const random = this.#random;
    if (corpus.length === 0 || random.once(2)) return this.#subject.generate(random);
    return mutate(random.pick(corpus), random.pick(corpus), random);
  }

  /** Tries an input. Returns a finding if it breaks a law that was not broken before. */
  try(input: Uint8Array): Finding | undefined {
    this.#coverage?.clear();
    try {
      this.#subject.laws(input);
    } catch {
      return this.#found(input);
    }
    if (this.#coverage?.isNew() === true && this.corpus.length < MOST) this.corpus.push(input);
    return undefined;
  }

  #found(input: Uint8Array): Finding | undefined {
    const { name, laws } = this.#subject;
    // Stack traces cost more than most inputs, so they are only made for a finding.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = SHORT;
    const first = findingOf(name, laws, input) ?? { target: name, law: UNSTEADY, detail: "", input };
    let finding: Finding | undefined;
    if (!this.findings.has(first.law)) {
      const least = minimise(input, (smaller) => findingOf(name, laws, smaller)?.law === first.law);
      finding = findingOf(name, laws, least) ?? first;
      this.findings.set(first.law, finding);
    }
    Error.stackTraceLimit = limit;
    return finding;
  }
}
