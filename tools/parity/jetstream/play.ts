// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { Player } from "./player.ts";
import type { Step } from "./script.ts";
import { countOf, type Outcome, type Transcript } from "./transcript.ts";

/** A server that plays scripts. */
export interface Target {
  readonly port: number;
  /** Lets milliseconds pass: in truth, or on a virtual clock. */
  wait(milliseconds: number): Promise<void>;
  /**
   * Milliseconds without a message after which a step is over. 0 if each PONG comes after everything that a step led to:
   * JetStream of the embedded server has no threads.
   */
  readonly quiet: number;
}

// Milliseconds after which a message is overdue.
const TIMEOUT = 5000;

/**
 * Plays a script, and returns what each step led to.
 *
 * @param recorded if given, a step is over after as many messages as were recorded, which is faster than silence; what comes
 * in excess is found at the end; a step that responds to a missing message does nothing
 * @throws Error if nothing was recorded and a step responds to a message that was not delivered
 */
export async function play(steps: readonly Step[], on: Target, recorded?: Transcript): Promise<Transcript> {
  const player = new Player(on.port);
  const transcript: { readonly do: Step; readonly got: Outcome }[] = [];
  try {
    for (const [i, step] of steps.entries()) {
      const answers = await player.perform(step);
      if (answers === undefined && recorded === undefined) throw new Error(`no such message: ${JSON.stringify(step)}`);
      if ("wait" in step) await on.wait(step.wait);
      await player.catchUp();
      const isLast = i === steps.length - 1;
      const expected = recorded?.[i]?.got;
      if (expected !== undefined) await settle(player, on, countOf(expected), isLast);
      else await settle(player, on, answers ?? 0, true);
      transcript.push({ do: step, got: player.take() });
    }
    return transcript;
  } finally {
    await player.close();
  }
}

/** Waits for a number of messages and, if asked, until no more have come for a while. */
async function settle(player: Player, on: Target, messages: number, untilQuiet: boolean): Promise<void> {
  if (on.quiet === 0) return;
  const deadline = Date.now() + TIMEOUT;
  while (player.waiting < messages && Date.now() < deadline) await sleep(2);
  for (let seen = -1; untilQuiet && seen < player.waiting; ) {
    seen = player.waiting;
    await sleep(on.quiet);
  }
}
