// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "./client.ts";
import { LAME_DUCK, type Script } from "./script.ts";
import { type Transcript, transcriptOf } from "./transcript.ts";

/** A server that scripts are played on. */
export interface Target {
  readonly port: number;
  lameDuck(): void;
  stop(): Promise<void>;
}

// So long that what is said next is not read together with what was said before.
const APART = 20;

/**
 * Plays a script, and waits after each step until every connection has heard what the step caused.
 *
 * PING is a barrier: behind its PONG stands nothing that an earlier operation of that connection caused, and what it
 * caused on others is written there before they get the PONG of a later PING. So the others are made to ping too.
 * Nothing is decided by the time that passes.
 */
export async function play(script: Script, on: Target): Promise<Transcript> {
  const steps = typeof script === "string" ? ([["a", script]] as const) : script;
  const hearsPings = steps.some(([, , then]) => then === "pinged");
  const clients = new Map<string, Client>();
  try {
    for (const [who, says, then] of steps) {
      if (who === LAME_DUCK[0]) {
        on.lameDuck();
        continue;
      }
      let client = clients.get(who);
      if (client === undefined) {
        client = new Client(on.port, hearsPings);
        clients.set(who, client);
        await client.greeting();
      }
      if (client.closed) continue;
      client.inMidst = then === "more";
      if (then === "more") {
        client.say(says);
        await sleep(APART);
        continue;
      }
      await client.converse(says, then);
      for (const other of clients.values()) await other.catchUp();
    }
    return transcriptOf([...clients].map(([who, { heard, closed }]) => [who, heard, closed]));
  } finally {
    await Promise.all([...clients.values()].map((client) => client.leave()));
  }
}
