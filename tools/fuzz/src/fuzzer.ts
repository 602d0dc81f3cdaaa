// SPDX-License-Identifier: Apache-2.0

import type { Random } from "../../testkit/random.ts";
import type { Coverage } from "./coverage.ts";
import { type Finding, findingOf } from "./finding.ts";
import { minimise } from "./minimise.ts";
import { mutate } from "./mutate.ts";

const MOST = 20_000;
const SHORT = 10;
const UNSTEADY = "the same input means the same every time";

/** What a fuzzer needs to know of its target. */
export interface Subject {
  readonly name: string;
  readonly laws: (input: Uint8Array) => void;
  readonly generate: (random: Random) => Uint8Array;
}

/**
 * Tries one input after the other: generated afresh, or changed from one that is kept. With coverage it keeps what
 * does something new; without, the inputs it was given and nothing else.
 */
export class Fuzzer {
  readonly #subject: Subject;
  readonly #random: Random;
  readonly #coverage: Coverage | undefined;
  /** Inputs to change. */
  readonly corpus: Uint8Array[];
  /** The first, minimised, of each law. */
  readonly findings = new Map<string, Finding>();
  readonly #pending: Uint8Array[];

  constructor(subject: Subject, random: Random, corpus: readonly Uint8Array[], coverage?: Coverage) {
    this.#subject = subject;
    this.#random = random;
    this.#coverage = coverage;
    this.corpus = coverage === undefined ? [...corpus] : [];
    // Coverage is learnt anew in every run, so what was kept has to show again what it is good for.
    this.#pending = coverage === undefined ? [] : [...corpus];
  }

  /** The next input to try. */
  next(): Uint8Array {
    const kept = this.#pending.pop();
    if (kept !== undefined) return kept;
    const { corpus } = this;
    const random = this.#random;
    if (corpus.length === 0 || random.once(2)) return this.#subject.generate(random);
    return mutate(random.pick(corpus), random.pick(corpus), random);
  }

  /** Tries it. Returns the finding where it breaks a law that was not broken before. */
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
    // Stack traces cost more than most inputs: they are made where one is to be shown.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = SHORT;
    const first = findingOf(name, laws, input) ?? { target: name, law: UNSTEADY, detail: UNSTEADY, input };
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
