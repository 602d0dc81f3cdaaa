// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type RuntimeName, runtime } from "../../testkit/runtimes.ts";
import type { Told } from "./environment.ts";
import type { Played } from "./run-all.ts";

/** A player that hangs is ended. */
const LONGEST = 120_000;
const PLAYER = fileURLToPath(new URL("../dist/run.js", import.meta.url));

/**
 * Plays the suite in a runtime, in a process of its own.
 *
 * @param adapter the name of a package, or the URL of a module, that exports `connect`
 * @param hear is told of each case as it is over
 * @param only the cases whose names contain it; all where left out
 * @throws Error where the process ends badly
 */
export async function playIn(
  name: RuntimeName,
  adapter: string,
  told: Told,
  hear: (played: Played) => void = () => {},
  only = "",
): Promise<Played[]> {
  const [program, ...args] = runtime(name).command;
  const child = spawn(program!, [...args, PLAYER, adapter, JSON.stringify(told), only], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: LONGEST,
  });
  const played: Played[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const one = JSON.parse(line) as Played;
    played.push(one);
    hear(one);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${name} ended with ${code}, ${played.length} cases played`);
  return played;
}
