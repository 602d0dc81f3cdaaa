// SPDX-License-Identifier: Apache-2.0
// `npm run serve` under siege: garbage on its port, and clients beside it that must not notice.
import { parseArgs } from "node:util";
import { Random } from "../random.ts";
import { Attackers } from "./attackers.ts";
import { Besieged } from "./besieged.ts";
import { Calm } from "./calm.ts";

const { values } = parseArgs({
  options: { time: { type: "string", default: "60" }, seed: { type: "string", default: String(Date.now() % 1e9) } },
});
const seconds = Number(values.time);
const wait = (part: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, part * seconds * 1000));

console.log(`${seconds} s with --seed ${values.seed}`);
const server = await Besieged.start();
const calm = new Calm();
const attackers = new Attackers(new Random(Number(values.seed)));
const peaceful = calm.run(server.port);
const hostile = attackers.run(server.port);
const failed = Promise.all([peaceful, hostile]);
try {
  await Promise.race([failed, wait(1 / 4)]);
  const before = await server.held();
  await Promise.race([failed, wait(3 / 4)]);
  while (!attackers.hasThrownAll) await Promise.race([failed, wait(1 / 10)]);
  attackers.stop();
  await Promise.race([failed, hostile]);
  calm.stop();
  await failed;
  const after = await server.held();
  const isAlive = server.isAlive;
  const exitCode = await server.stop();
  const figures = { seconds, ...attackers.tally, ...calm.tally, before, after, isAlive, exitCode };
  console.log(JSON.stringify(figures));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await server.stop();
}
process.exit();
