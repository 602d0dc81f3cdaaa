// SPDX-License-Identifier: Apache-2.0
// Races two builds in one row and prints the results as JSON: child.js ROUNDS NAME BEFORE AFTER
import process from "node:process";
import { type Contestant, race } from "../race.ts";
import { load } from "./build.ts";

const [rounds, name, before, after] = process.argv.slice(2);
const one = await prepared("before", before!);
const other = await prepared("after", after!);
console.log(JSON.stringify(race([one.contestant, other.contestant], one.messages, Number(rounds), cpuTime)));

/** Returns the CPU time of this process in milliseconds, so that other processes do not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Loads a build with its own copy of the workloads: shared code would be optimized for the types of both. */
async function prepared(side: string, checkout: string): Promise<{ contestant: Contestant; messages: number }> {
  const { href } = new URL(`./rows.js?${side}`, import.meta.url);
  const { rows } = (await import(href)) as typeof import("./rows.ts");
  const { contestants, messages } = await rows.get(name!)!(await load(checkout));
  return { contestant: { name: side, run: contestants.at(-1)!.run }, messages };
}
