// SPDX-License-Identifier: Apache-2.0
import type { ListenAddress } from "@natswire/io";
import { visible } from "../format/format.ts";
import { type Answer, type AnswerReader, CLOSED, ownAnswer } from "./answer.ts";
import { type Difference, findDifferences, type ReceivedAnswer } from "./differences.ts";
import type { Expectation, Script } from "./script.ts";
import { type Incoming, ScriptClient } from "./script-client.ts";

/** The result of a script. */
export interface PlayResult {
  readonly sent: number;
  readonly expected: number;
  readonly differences: readonly Difference[];
  /** Whether a server required TLS, so that its answers cannot be received. */
  readonly tlsRequired: boolean;
}

/** Where the server is, and how long it may take. */
export interface PlayOptions {
  readonly address: ListenAddress;
  /** Milliseconds for each answer. */
  readonly timeout: number;
}

// Milliseconds for an answer, if one before it in its lane did not arrive.
const LATE_MS = 100;
// Milliseconds after which all connections are looked at, while one of them waits.
const LOOK_MS = 10;

/**
 * Plays a script to its end. A line is sent after everything before it was received, or did not arrive in time.
 *
 * Before another connection sends, the server is given the time to process what the last one sent.
 *
 * @throws Failure if the server cannot be reached
 */
export async function playScript({ steps, createReader }: Script, options: PlayOptions): Promise<PlayResult> {
  const received = new ReceivedAnswers(createReader(), options);
  const expected: Expectation[] = [];
  let sender: ScriptClient | undefined;
  try {
    for (const step of steps) {
      received.line = step.line;
      const client = await received.client(step.connection);
      if (step.op === "expect") {
        expected.push(step);
        await received.waitFor(step);
        continue;
      }
      if (sender !== client) await sender?.settle(options.timeout);
      sender = client;
      client.send(step.bytes);
    }
    await received.settle();
    return {
      sent: steps.length - expected.length,
      expected: expected.length,
      differences: findDifferences(expected, received.answers),
      tlsRequired: received.clients.some(({ tlsRequired }) => tlsRequired),
    };
  } finally {
    for (const client of received.clients) client.close();
  }
}

/** What has arrived on all connections. */
class ReceivedAnswers {
  readonly answers: ReceivedAnswer[] = [];
  /** The line of the step that is played. */
  line = 0;
  readonly #read: AnswerReader;
  readonly #options: PlayOptions;
  readonly #clients = new Map<number, ScriptClient>();
  readonly #ended = new Set<number>();
  readonly #lanes = new Map<string, LaneProgress>();

  constructor(read: AnswerReader, options: PlayOptions) {
    this.#read = read;
    this.#options = options;
  }

  get clients(): readonly ScriptClient[] {
    return [...this.#clients.values()];
  }

  /** Returns the client of a connection. It connects first if it is new. */
  async client(connection: number): Promise<ScriptClient> {
    const { address, timeout } = this.#options;
    const client = this.#clients.get(connection) ?? (await ScriptClient.open(address, { timeout, answerPings: true }));
    this.#clients.set(connection, client);
    return client;
  }

  /** Waits until as many answers have arrived in a lane as are expected so far. Which ones, is compared at the end. */
  async waitFor({ connection, lane, isUnordered, isUnprompted }: Expectation): Promise<void> {
    const progress = this.#lane(lane);
    progress.expected++;
    if (isUnprompted) return;
    const timeout = progress.isLate ? Math.min(LATE_MS, this.#options.timeout) : this.#options.timeout;
    const deadline = performance.now() + timeout;
    const client = this.#clients.get(connection);
    for (;;) {
      this.#takeAll();
      if (progress.received + progress.missing >= progress.expected) return;
      const left = deadline - performance.now();
      if (left <= 0 || client === undefined || this.#ended.has(connection)) break;
      const incoming = await client.next(isUnordered ? Math.min(left, LOOK_MS) : left);
      if (incoming !== undefined) this.#add(connection, incoming);
    }
    progress.missing++;
    progress.isLate = true;
  }

  /** Waits for what the server still sends. */
  async settle(): Promise<void> {
    // Twice: the first round delivers what the connections sent to each other, the second one receives it.
    for (let round = 0; round < 2; round++) {
      for (const client of this.clients) await client.settle(this.#options.timeout);
    }
    this.#takeAll();
  }

  #takeAll(): void {
    for (const [connection, client] of this.#clients) {
      for (const incoming of client.takeAll()) this.#add(connection, incoming);
    }
  }

  #add(connection: number, incoming: Incoming): void {
    if ("frame" in incoming) {
      for (const answer of this.#read(connection, incoming)) this.#push(answer);
      return;
    }
    const { end } = incoming;
    if (end === "closed" && this.#ended.has(connection)) return;
    if (end === "closed") this.#ended.add(connection);
    const text = end === "closed" ? CLOSED : end === "TLS" ? "(TLS)" : `(malformed: ${visible(end.message)})`;
    this.#push(ownAnswer(connection, text));
  }

  #push(answer: Answer): void {
    this.answers.push({ ...answer, line: this.line });
    const progress = this.#lane(answer.lane);
    progress.received++;
    progress.isLate = false;
  }

  #lane(name: string): LaneProgress {
    const progress = this.#lanes.get(name) ?? { expected: 0, received: 0, missing: 0, isLate: false };
    this.#lanes.set(name, progress);
    return progress;
  }
}

/** How many answers of a lane were expected, arrived, and did not arrive in time. */
interface LaneProgress {
  expected: number;
  received: number;
  missing: number;
  isLate: boolean;
}
