// SPDX-License-Identifier: Apache-2.0
// `npm run serve` under siege: garbage on its port, and clients beside it that must not notice. The last line it prints
// is its figures; it exits with 1 where anything was lost, the server did not survive, or its memory grew.
import { parseArgs } from "node:util";
import { Random } from "../../../testkit/random.ts";
import { Attackers } from "./attackers.ts";
import { Besieged } from "./besieged.ts";
import { Calm } from "./calm.ts";

// How much more memory the server may use at the end than after a quarter of the time.
const MOST_GROWN = 4 << 20;
// Seconds after which a server that no longer answers is given up.
const PATIENCE = 60;

const { values } = parseArgs({
  options: { time: { type: "string", default: "60" }, seed: { type: "string", default: String(Date.now() % 1e9) } },
});
const seconds = Number(values.time);
const wait = (part: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, part * seconds * 1000));

console.log(`${seconds} s with --seed ${values.seed}`);
const server = await Besieged.start();
try {
  const late = wait(1 + PATIENCE / seconds).then(() => {
    throw new Error(`it did not end within ${PATIENCE} s after its time`);
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
  const calm = new Calm();
  const attackers = new Attackers(new Random(Number(values.seed)));
  const hostile = attackers.run(server.port);
  const all = Promise.all([calm.run(server.port), hostile]);
  const unless = <T>(failed: Promise<unknown>, next: Promise<T>): Promise<T> =>
    Promise.race([next, failed.then(() => next)]);
  await unless(all, wait(1 / 4));
  const before = await unless(all, server.held());
  await unless(all, wait(3 / 4));
  while (!attackers.hasThrownAll) await unless(all, wait(1 / 10));
  attackers.stop();
  await unless(all, hostile);
  calm.stop();
  await all;
  const after = await server.held();
  if (after - before > MOST_GROWN) throw new Error(`the server uses ${after} bytes, and before that ${before}`);
  if (!server.isAlive) throw new Error("the server is gone");
  const exitCode = await server.stop();
  if (exitCode !== 0) throw new Error(`the server ended with ${exitCode}`);
  return { seconds, ...attackers.tally, ...calm.tally, before, after };
}
