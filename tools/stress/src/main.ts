// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { natsServerVersion } from "../../testkit/nats-server.ts";
import { killNodes } from "./cluster.ts";
import { run } from "./run.ts";
import { soak } from "./soak.ts";

const usage = `Clients that publish to themselves through a real nats-server, and to whom things happen: every message is heard
once and in order, or counted as lost.

  npm run faults                          200 faults of a proxy between them, as networks have them
  npm run faults -- --faults 10000
  npm run faults -- --seed 17             these, in this order; how far a client has come by then, nobody decides
  npm run faults -- cluster --kills 30    the node in use of a cluster of three is killed, 30 times
  npm run faults -- soak --minutes 10     the one server is killed at random and started anew

  --figures                               the last line is JSON`;

const { values, positionals } = parseArgs({
  options: {
    faults: { type: "string", default: "200" },
    kills: { type: "string", default: "10" },
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    figures: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

interface Outcome {
  readonly broken: readonly string[];
}

type Scene = () => [again: string, outcome: Promise<Outcome>];

const scenes: Record<string, Scene> = {
  faults() {
    const [faults, seed] = [number("faults"), number("seed")];
    return [`--faults ${faults} --seed ${seed}`, run(faults, seed)];
  },
  cluster() {
    const kills = number("kills");
    return [`cluster --kills ${kills}`, killNodes(kills)];
  },
  soak() {
    const [minutes, seed] = [number("minutes"), number("seed")];
    return [`soak --minutes ${minutes} --seed ${seed}`, soak(minutes, seed)];
  },
};

const scene = scenes[positionals[0] ?? "faults"];
if (values.help || scene === undefined) console.log(usage);
else process.exitCode = await play(scene);

async function play(scene: Scene): Promise<number> {
  const [again, outcome] = scene();
  const { broken, ...figures } = await outcome.catch((error): Outcome => ({ broken: [String(error)] }));
  for (const [name, value] of Object.entries(figures)) console.log(`${shown(value).padStart(12)}  ${name}`);
  for (const what of broken) console.log(`broken: ${what}`);
  if (broken.length > 0) console.log(`again with: npm run faults -- ${again}`);
  if (values.figures && "published" in figures)
    console.log(JSON.stringify({ ...figures, again, broken: broken.length, version: natsServerVersion() }));
  return broken.length === 0 ? 0 : 1;
}

function shown(value: unknown): string {
  return typeof value === "number" ? Math.round(value).toLocaleString("en") : JSON.stringify(value);
}

function number(option: "faults" | "kills" | "minutes" | "seed"): number {
  const text = values[option];
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`--${option} needs a number, not ${JSON.stringify(text)}`);
}
