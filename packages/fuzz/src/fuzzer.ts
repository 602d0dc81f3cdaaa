// SPDX-License-Identifier: Apache-2.0
import type { Coverage } from "./coverage.ts";
import { type Finding, findingFrom, groupOf, UnusableTarget } from "./finding.ts";
import { minimise, type Parts } from "./minimise.ts";
import { mutate } from "./mutate.ts";
import type { Random } from "./random.ts";

const MOST = 20_000;
const SHORT = 10;
const UNSTEADY = "the same input gives the same result every time";

/** What is fuzzed: the laws that every input must keep, and a source of inputs. */
export interface Subject {
  /**
   * Throws `LawBroken`, or what the code under test throws, if the input breaks a law.
   *
   * @param isThorough looks for the plainest evidence: set for the inputs of a finding, which are few
   */
  readonly laws: (input: Uint8Array, isThorough: boolean) => void | Promise<void>;
  readonly generate: (random: Random) => Uint8Array;
  /** The parts of inputs, which are removed as a whole before single bytes are. */
  readonly parts?: Parts;
  /** How many smaller inputs are tried for a finding; 20,000 by default. */
  readonly tries?: number | undefined;
  /** Returns whether the run is over, so that a finding is not made smaller any more. */
  readonly isOver?: () => boolean;
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
  /** The first finding of each group, minimised. */
  readonly findings: Map<string, Finding> = new Map();
  /** How many inputs belong to each group. */
  readonly counts: Map<string, number> = new Map();
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

  /**
   * Tries an input. Returns a finding if it is the first of its group.
   *
   * @throws UnusableTarget if the laws throw it
   */
  async try(input: Uint8Array): Promise<Finding | undefined> {
    this.#coverage?.clear();
    try {
      const pending = this.#subject.laws(input, false);
      // Most laws are synchronous, and a promise would cost more than a short input.
      if (pending !== undefined) await pending;
    } catch (error) {
      return this.#found(error, input);
    }
    if (this.#coverage?.isNew() === true && this.corpus.length < MOST) this.corpus.push(input);
    return undefined;
  }

  async #found(error: unknown, input: Uint8Array): Promise<Finding | undefined> {
    if (error instanceof UnusableTarget) throw error;
    const found = findingFrom(error, input);
    const group = groupOf(found);
    this.counts.set(group, (this.counts.get(group) ?? 0) + 1);
    if (this.findings.has(group)) return undefined;
    // Stack traces cost more than most inputs, so they are only made for a finding.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = SHORT;
    const finding = await this.#least(input, group);
    Error.stackTraceLimit = limit;
    this.findings.set(group, finding);
    return finding;
  }

  /** Returns the finding of a group with the smallest input that still belongs to it. */
  async #least(input: Uint8Array, group: string): Promise<Finding> {
    const again = await this.#play(input);
    if (again === undefined) return { law: UNSTEADY, input };
    let least = again;
    const { parts, tries, isOver = () => false } = this.#subject;
    const breaks = async (smaller: Uint8Array): Promise<boolean> => {
      if (isOver()) return false;
      const finding = await this.#play(smaller);
      const isSame = finding !== undefined && groupOf(finding) === group;
      if (isSame) least = finding;
      return isSame;
    };
    let size: number;
    do {
      size = least.input.length;
      await minimise(least.input, breaks, parts, tries);
      // What is left after one round may be whole parts, which the next one makes plainer.
    } while (parts !== undefined && least.input.length < size);
    return least;
  }

  async #play(input: Uint8Array): Promise<Finding | undefined> {
    try {
      await this.#subject.laws(input, true);
      return undefined;
    } catch (error) {
      if (error instanceof UnusableTarget) throw error;
      return findingFrom(error, input);
    }
  }
}
