// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { ListenAddress } from "@natswire/io";
import { Caller } from "./caller.ts";
import { NO_TLS } from "./output.ts";
import { CLOSED, type Step, shown } from "./script.ts";

/** How a play ended: well, or with what was expected and what was heard, as a diff. */
export type Account =
  | { readonly held: true; readonly said: number; readonly heard: number }
  | { readonly held: false; readonly line: number; readonly reason: string; readonly diff: readonly string[] };

/** How the server is reached, and waited for. */
export interface PlayOptions {
  readonly to: ListenAddress;
  /** Milliseconds for each line. */
  readonly patience: number;
}

// Lines that are shown before the one that differs, and milliseconds for what may still come behind it.
const CONTEXT = 3;
const REST = 100;

/**
 * Plays a script, step by step: what is said is said when all that stands before it was heard.
 *
 * Where the next word is another connection's, the server is first made to take in what this one said.
 *
 * @throws Failure where the server cannot be reached
 */
export async function play(script: readonly Step[], { to, patience }: PlayOptions): Promise<Account> {
  const callers = new Map<number, Caller>();
  let speaker: Caller | undefined;
  try {
    for (const [i, step] of script.entries()) {
      const caller = callers.get(step.connection) ?? (await Caller.open(to, patience));
      callers.set(step.connection, caller);
      if (step.op === "say") {
        if (speaker !== caller) await speaker?.settle(patience);
        speaker = caller;
        caller.say(step.bytes);
        continue;
      }
      const heard = await caller.next(patience, step.op === "hear" && step.isInfo);
      if (isAsExpected(step, heard)) continue;
      await sleep(REST);
      const all = [...(heard === undefined ? [] : [heard]), ...caller.rest()];
      const reason = heard === undefined ? `nothing came within ${patience} ms` : "it is not what was expected";
      return {
        held: false,
        line: step.line,
        reason: caller.wantsTls ? NO_TLS : reason,
        diff: diffOf(script, i, all),
      };
    }
    return (await unexpected(script, callers, patience)) ?? { held: true, ...countsOf(script) };
  } finally {
    for (const caller of callers.values()) caller.close();
  }
}

function isAsExpected(step: Step, heard: string | undefined): boolean {
  if (step.op === "closed") return heard === CLOSED;
  return step.op === "hear" && heard !== undefined && heard !== CLOSED && step.isLike(heard);
}

/** What came and was not expected by anybody. */
async function unexpected(
  script: readonly Step[],
  callers: ReadonlyMap<number, Caller>,
  patience: number,
): Promise<Account | undefined> {
  // Twice: what one caused on another is there when that one asks behind it.
  for (const caller of [...callers.values(), ...callers.values()]) await caller.settle(patience);
  for (const [connection, caller] of callers) {
    const more = caller.rest();
    if (more.length === 0) continue;
    const diff = more.map((text) => `+ ${shown(connection, "server", text)}`);
    return { held: false, line: script.at(-1)?.line ?? 0, reason: "more came behind it than was expected", diff };
  }
  return undefined;
}

function diffOf(script: readonly Step[], at: number, heard: readonly string[]): string[] {
  const step = script[at] as Step;
  const own = script.slice(at).filter(({ connection }) => connection === step.connection);
  const end = own.findIndex(({ op }) => op === "say");
  const expected = end < 0 ? own : own.slice(0, end);
  return [
    ...script.slice(Math.max(0, at - CONTEXT), at).map(({ text }) => `  ${text}`),
    ...expected.map(({ text }) => `- ${text}`),
    ...heard.map((text) => `+ ${shown(step.connection, "server", text)}`),
  ];
}

function countsOf(script: readonly Step[]): { said: number; heard: number } {
  const said = script.filter(({ op }) => op === "say").length;
  return { said, heard: script.length - said };
}
