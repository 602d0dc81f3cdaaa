// SPDX-License-Identifier: Apache-2.0
import { type Ground, suite } from "../suite.ts";
import type { Told } from "./environment.ts";

/** How a case went. */
export interface Played {
  readonly name: string;
  readonly error?: string | undefined;
}

const LONGEST = 10_000;

/** Plays the suite with an adapter's `connect`, one case after the other. */
export async function playAll(
  connect: Ground["connect"],
  told: Told,
  say: (played: Played) => void,
  only = "",
): Promise<void> {
  const post = async (what: string): Promise<void> => {
    await (await fetch(`${told.control}/${what}`, { method: "POST" })).text();
  };
  const ground: Ground = { ...told, connect, restart: () => post("restart"), reset: () => post("reset") };
  for (const [name, play] of Object.entries(suite)) {
    if (!name.includes(only)) continue;
    let late: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(new Error("takes more than 10 seconds")), LONGEST);
    });
    try {
      await Promise.race([play(ground), tooLong]);
      say({ name });
    } catch (error) {
      say({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    clearTimeout(late);
  }
}
