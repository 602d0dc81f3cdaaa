// SPDX-License-Identifier: Apache-2.0
// Attacks `npm run serve` with garbage while well-behaved clients use it. The last line of the output is its figures. The
// exit code is 1 if a message was lost, the server did not survive, or its memory grew.
import { parseArgs } from "node:util";
import { Random } from "../../../testkit/random.ts";
import { Attackers } from "./attackers.ts";
import { ServerProcess } from "./server-process.ts";
import { WellBehavedClients } from "./well-behaved.ts";

// Bytes that the memory may grow by after a quarter of the time.
const GROWTH = 4 << 20;
// Seconds after the end of the siege within which the server must have answered everything.
const GRACE = 60;

const { values } = parseArgs({
  options: { time: { type: "string", default: "60" }, seed: { type: "string", default: String(Date.now() % 1e9) } },
});
const seconds = Number(values.time);
const wait = (part: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, part * seconds * 1000));

console.log(`${seconds} s with --seed ${values.seed}`);
const server = await ServerProcess.start();
try {
  const timedOut = wait(1 + GRACE / seconds).then(() => {
    throw new Error(`the siege did not end within ${GRACE} s after its time`);
  });
  console.log(JSON.stringify(await Promise.race([siege(), timedOut])));
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
  const unlessFailed = <T>(failed: Promise<unknown>, next: Promise<T>): Promise<T> =>
    Promise.race([next, failed.then(() => next)]);
  await unlessFailed(all, wait(1 / 4));
  const before = await unlessFailed(all, server.memory());
  await unlessFailed(all, wait(3 / 4));
  while (!attackers.hasSentAll) await unlessFailed(all, wait(1 / 10));
  attackers.stop();
  await unlessFailed(all, hostile);
  clients.stop();
  await all;
  const after = await server.memory();
  if (after - before > GROWTH) throw new Error(`the server's memory grew from ${before} to ${after} bytes`);
  if (!server.isAlive) throw new Error("the server has exited");
  const exitCode = await server.stop();
  if (exitCode !== 0) throw new Error(`the server exited with ${exitCode}`);
  return { seconds, ...attackers.counts, ...clients.counts, before, after };
}
