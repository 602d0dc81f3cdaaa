// SPDX-License-Identifier: Apache-2.0
// One row of two builds: child.js ROUNDS NAME BEFORE AFTER, results as JSON.
import process from "node:process";
import { type Contestant, race } from "../race.ts";
import { load } from "./build.ts";

const [rounds, name, before, after] = process.argv.slice(2);
const one = await prepared("before", before!);
const other = await prepared("after", after!);
console.log(JSON.stringify(race([one.contestant, other.contestant], one.messages, Number(rounds), cpuTime)));

/** Milliseconds of processor time: what else runs on the machine does not count. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Each build gets an instance of the workloads as well: code that both shared would learn the types of both. */
async function prepared(side: string, checkout: string): Promise<{ contestant: Contestant; messages: number }> {
  const { href } = new URL(`./rows.js?${side}`, import.meta.url);
  const { rows } = (await import(href)) as typeof import("./rows.ts");
  const { contestants, messages } = rows.get(name!)!(await load(checkout));
  return { contestant: { name: side, run: contestants.at(-1)!.run }, messages };
}
