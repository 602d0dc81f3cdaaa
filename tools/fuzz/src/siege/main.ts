// SPDX-License-Identifier: Apache-2.0
// Attacks `npm run serve` with garbage while well-behaved clients use it, and checks that they notice nothing. The last line
// printed has the figures. Exits with 1 if anything was lost, the server did not survive, or its memory grew.
import { parseArgs } from "node:util";
import { Random } from "../../../testkit/random.ts";
import { Attackers } from "./attackers.ts";
import { WellBehavedClients } from "./clients.ts";
import { ServerProcess } from "./server-process.ts";

// How much more memory, in bytes, the server may use at the end than after a quarter of the time.
const MAX_GROWTH = 4 << 20;
// How long, in seconds, a server that does not answer is waited for.
const GRACE = 60;

const { values } = parseArgs({
  options: { time: { type: "string", default: "60" }, seed: { type: "string", default: String(Date.now() % 1e9) } },
});
const seconds = Number(values.time);
const wait = (part: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, part * seconds * 1000));

console.log(`${seconds} s with --seed ${values.seed}`);
const server = await ServerProcess.start();
try {
  const late = wait(1 + GRACE / seconds).then(() => {
    throw new Error(`the siege did not end within ${GRACE} s after its time`);
  });
  console.log(JSON.stringify(await Promise.race([siege(), late])));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  server.kill();
}
process.exit();

async function siege(): Promise<object> {
  const clients = new WellBehavedClients();
  const attackers = new Attackers(new Random(Number(values.seed)));
  const hostile = attackers.run(server.port);
  const all = Promise.all([clients.run(server.port), hostile]);
  const unless = <T>(failed: Promise<unknown>, next: Promise<T>): Promise<T> =>
    Promise.race([next, failed.then(() => next)]);
  await unless(all, wait(1 / 4));
  const before = await unless(all, server.memory());
  await unless(all, wait(3 / 4));
  while (!attackers.hasSentAll) await unless(all, wait(1 / 10));
  attackers.stop();
  await unless(all, hostile);
  clients.stop();
  await all;
  const after = await server.memory();
  if (after - before > MAX_GROWTH) throw new Error(`the memory of the server grew from ${before} to ${after} bytes`);
  if (!server.isAlive) throw new Error("the server process has exited");
  const exitCode = await server.stop();
  if (exitCode !== 0) throw new Error(`the server exited with ${exitCode}`);
  return { seconds, ...attackers.tally, ...clients.tally, before, after };
}
