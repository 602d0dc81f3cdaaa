// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "./client.ts";
import { LAME_DUCK, type Script } from "./script.ts";
import { type Transcript, transcriptOf } from "./transcript.ts";

/** A server that plays scripts. */
export interface Target {
  readonly port: number;
  lameDuck(): void;
  stop(): Promise<void>;
}

// Milliseconds: long enough that the server reads two parts of an operation separately.
const PAUSE = 20;

/**
 * Plays a script. After each step it waits until every connection has received what the step caused.
 *
 * PING is a barrier. Its PONG comes after everything that earlier operations of that connection caused. What they caused on
 * other connections is written there before the PONG of a later PING. So the other connections send a PING, too.
 * No result depends on the time that passes.
 *
 * This is not the player of the command `natswire play`: that one is built on the codec, which is part of what is compared.
 */
export async function play(script: Script, on: Target): Promise<Transcript> {
  const steps = typeof script === "string" ? ([["a", script]] as const) : script;
  const keepsPings = steps.some(([, , then]) => then === "pinged");
  const clients = new Map<string, Client>();
  try {
    for (const [who, text, then] of steps) {
      if (who === LAME_DUCK[0]) {
        on.lameDuck();
        continue;
      }
      let client = clients.get(who);
      if (client === undefined) {
        client = new Client(on.port, keepsPings);
        clients.set(who, client);
        await client.info();
      }
      if (client.closed) continue;
      client.isInOperation = then === "more";
      if (then === "more") {
        client.send(text);
        await sleep(PAUSE);
        continue;
      }
      await client.exchange(text, then);
      for (const other of clients.values()) await other.catchUp();
    }
    return transcriptOf([...clients].map(([who, { received, closed }]) => [who, received, closed]));
  } finally {
    await Promise.all([...clients.values()].map((client) => client.close()));
  }
}
