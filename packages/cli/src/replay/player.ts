// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { ListenAddress } from "@natswire/io";
import { Queue } from "@natswire/io/adapter";
import { visible } from "../format/format.ts";
import { TLS_REQUIRED } from "../output.ts";
import { CLOSED, formatLine, type Step, splitLines } from "./script.ts";
import { type Incoming, ScriptClient, takeAll } from "./script-client.ts";

/** The result of a script: how many lines matched, or the first difference. */
export type PlayResult =
  | { readonly ok: true; readonly sent: number; readonly received: number }
  | { readonly ok: false; readonly line: number; readonly reason: string; readonly diff: readonly string[] };

/** Where the server is, and how long it may take. */
export interface PlayOptions {
  readonly address: ListenAddress;
  /** Milliseconds for each line. */
  readonly timeout: number;
}

// Lines of the script that are shown before a difference.
const CONTEXT = 3;
// Milliseconds to wait, after a difference, for the lines that follow it.
const COLLECT_MS = 100;

/**
 * Plays a script, step by step. A line is sent after everything before it was received.
 *
 * Before another connection sends, the server is given the time to process what the last one sent.
 *
 * @throws Failure if the server cannot be reached
 */
export async function playScript(script: readonly Step[], { address, timeout }: PlayOptions): Promise<PlayResult> {
  const connections = new Map<number, LineClient>();
  let sender: LineClient | undefined;
  try {
    for (const [i, step] of script.entries()) {
      const connection = connections.get(step.connection) ?? (await LineClient.open(address, timeout));
      connections.set(step.connection, connection);
      if (step.op === "send") {
        if (sender !== connection) await sender?.client.settle(timeout);
        sender = connection;
        connection.client.send(step.bytes);
        continue;
      }
      const line = await connection.next(timeout, step.op === "expect" && step.isInfo);
      if (isExpected(step, line)) continue;
      await sleep(COLLECT_MS);
      const received = [...(line === undefined ? [] : [line]), ...connection.takeAll()];
      const reason = line === undefined ? `nothing received within ${timeout} ms` : "the server sent something else";
      return {
        ok: false,
        line: step.line,
        reason: connection.client.tlsRequired ? TLS_REQUIRED : reason,
        diff: formatDiff(script, i, received),
      };
    }
    return (await findUnexpected(script, connections, timeout)) ?? { ok: true, ...countSteps(script) };
  } finally {
    for (const { client } of connections.values()) client.close();
  }
}

/** A client whose server frames are read line by line. */
class LineClient {
  readonly client: ScriptClient;
  readonly #lines = new Queue<{ readonly text: string; readonly isInfo: boolean }>();

  private constructor(client: ScriptClient) {
    this.client = client;
  }

  static async open(address: ListenAddress, timeout: number): Promise<LineClient> {
    return new LineClient(await ScriptClient.open(address, { timeout, answerPings: true }));
  }

  /** Returns the next line, or `undefined` after `timeout` milliseconds. INFO is skipped unless `withInfo`. */
  async next(timeout: number, withInfo: boolean): Promise<string | undefined> {
    const deadline = performance.now() + timeout;
    while (true) {
      while (!withInfo && this.#lines.peek()?.isInfo) this.#lines.shift();
      const line = this.#lines.shift();
      if (line !== undefined) return line.text;
      const incoming = await this.client.next(deadline - performance.now());
      if (incoming === undefined) return undefined;
      this.#add(incoming);
    }
  }

  /** Returns the lines that have arrived and were not taken yet, without INFO. */
  takeAll(): string[] {
    for (const incoming of this.client.takeAll()) this.#add(incoming);
    return takeAll(this.#lines)
      .filter(({ isInfo }) => !isInfo)
      .map(({ text }) => text);
  }

  #add(incoming: Incoming): void {
    if ("frame" in incoming) {
      const isInfo = incoming.frame.op === "info";
      for (const text of splitLines(incoming.bytes)) this.#lines.push({ text, isInfo });
      return;
    }
    const { end } = incoming;
    const text = end === "closed" ? CLOSED : end === "TLS" ? "(TLS)" : `(malformed: ${visible(end.message)})`;
    this.#lines.push({ text, isInfo: false });
  }
}

function isExpected(step: Step, line: string | undefined): boolean {
  if (step.op === "expect-closed") return line === CLOSED;
  return step.op === "expect" && line !== undefined && line !== CLOSED && step.matches(line);
}

/** Returns the first connection's lines that no step expected, as a difference. */
async function findUnexpected(
  script: readonly Step[],
  connections: ReadonlyMap<number, LineClient>,
  timeout: number,
): Promise<PlayResult | undefined> {
  // Twice: the first round delivers what the connections sent to each other, the second one receives it.
  for (let round = 0; round < 2; round++) {
    for (const { client } of connections.values()) await client.settle(timeout);
  }
  for (const [number, connection] of connections) {
    const lines = connection.takeAll();
    if (lines.length === 0) continue;
    const diff = lines.map((text) => `+ ${formatLine(number, "server", text)}`);
    return { ok: false, line: script.at(-1)?.line ?? 0, reason: "the server sent more after this line", diff };
  }
  return undefined;
}

function formatDiff(script: readonly Step[], index: number, received: readonly string[]): string[] {
  const step = script[index] as Step;
  const own = script.slice(index).filter(({ connection }) => connection === step.connection);
  const end = own.findIndex(({ op }) => op === "send");
  const expected = end < 0 ? own : own.slice(0, end);
  return [
    ...script.slice(Math.max(0, index - CONTEXT), index).map(({ text }) => `  ${text}`),
    ...expected.map(({ text }) => `- ${text}`),
    ...received.map((text) => `+ ${formatLine(step.connection, "server", text)}`),
  ];
}

function countSteps(script: readonly Step[]): { sent: number; received: number } {
  const sent = script.filter(({ op }) => op === "send").length;
  return { sent, received: script.length - sent };
}
