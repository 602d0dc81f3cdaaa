// SPDX-License-Identifier: Apache-2.0
import { align, UNPAIRED } from "./align.ts";
import { type Answer, CLOSED } from "./answer.ts";
import type { Expectation } from "./script.ts";

/** An answer that was expected, received, or both, and differs. */
export interface Difference {
  /** The line of the file: of the expected answer, or else of the step that was played when it arrived. */
  readonly line: number;
  readonly kind: "changed" | "moved" | "missing" | "unexpected";
  readonly expected: Expectation | undefined;
  readonly received: ReceivedAnswer | undefined;
}

/** An answer that arrived. */
export interface ReceivedAnswer extends Answer {
  /** The line of the step that was played. */
  readonly line: number;
}

// What two answers cost that differ: less if their verb is the same, and less than two that are alone.
const SAME_VERB = 1.5 * UNPAIRED;
const OTHER_VERB = 1.75 * UNPAIRED;

/** Compares all answers, each lane in its order, and returns the differences in the order of the file. */
export function findDifferences(expected: readonly Expectation[], received: readonly ReceivedAnswer[]): Difference[] {
  const found: Difference[] = [];
  const lanes = byLane(expected);
  const answers = byLane(received);
  for (const lane of new Set([...lanes.keys(), ...answers.keys()])) {
    found.push(...compareLane(inOrder(lanes.get(lane) ?? []), inOrder(answers.get(lane) ?? [])));
  }
  return pairLeftovers(found).sort((a, b) => a.line - b.line);
}

function byLane<A extends Answer>(answers: readonly A[]): Map<string, A[]> {
  const lanes = new Map<string, A[]>();
  for (const answer of answers) {
    const others = lanes.get(answer.lane);
    if (others === undefined) lanes.set(answer.lane, [answer]);
    else others.push(answer);
  }
  return lanes;
}

function compareLane(expected: readonly Expectation[], received: readonly ReceivedAnswer[]): Difference[] {
  const differences: Difference[] = [];
  for (const [one, other] of align(expected, received, costOf)) {
    if (one === undefined) {
      if (!other.isOptional) differences.push({ line: other.line, kind: "unexpected", expected: one, received: other });
    } else if (other === undefined || !one.matches(other.text)) {
      differences.push({ line: one.line, kind: other ? "changed" : "missing", expected: one, received: other });
    }
  }
  return differences;
}

function costOf(expected: Expectation, { text }: Answer): number {
  if (expected.matches(text)) return 0;
  return verbOf(expected.text) === verbOf(text) ? SAME_VERB : OTHER_VERB;
}

/** Pairs answers that are missing in one lane and unexpected in another one of their connection. */
function pairLeftovers(found: readonly Difference[]): Difference[] {
  const unexpected = new Set(found.filter(({ kind }) => kind === "unexpected"));
  const paired = found
    .filter((difference) => !unexpected.has(difference))
    .map((difference): Difference => {
      const { kind, expected } = difference;
      if (kind !== "missing" || expected === undefined) return difference;
      const nearby = [...unexpected].filter(({ received }) => received?.connection === expected.connection);
      const moved = nearby.find(({ received }) => received !== undefined && expected.matches(received.text));
      const other = moved ?? nearby.find(({ received }) => received && verbOf(received.text) === verbOf(expected.text));
      if (other === undefined) return difference;
      unexpected.delete(other);
      return { ...difference, kind: moved === undefined ? "changed" : "moved", received: other.received };
    });
  const isMissing = (connection: number | undefined): boolean =>
    paired.some(({ kind, expected }) => kind === "missing" && expected?.connection === connection);
  // The end of a connection is a difference if something is missing after it.
  const left = [...unexpected].filter(({ received }) => received?.text !== CLOSED || isMissing(received.connection));
  return [...paired, ...left];
}

/** Returns the answers of a lane in the order in which they are compared. */
function inOrder<A extends Answer>(answers: readonly A[]): A[] {
  if (answers.some(({ isUnordered }) => isUnordered)) return [...answers].sort(byText);
  // The copies of one message, for several subscriptions of the connection, have no order.
  const ordered: A[] = [];
  for (let start = 0, end = 0; start < answers.length; start = end) {
    while (end < answers.length && answers[end]?.content === answers[start]?.content) end++;
    ordered.push(...answers.slice(start, end).sort(byText));
  }
  return ordered;
}

function byText(a: Answer, b: Answer): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

function verbOf(text: string): string | undefined {
  return /^\S*/.exec(text)?.[0];
}
