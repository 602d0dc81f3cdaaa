// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from "node:util";
import { natsServerVersion } from "../../testkit/nats-server.ts";
import { killNodes } from "./cluster.ts";
import { soakJetStream } from "./jetstream/soak.ts";
import { watchLinks } from "./links/run.ts";
import { rotate } from "./rotation.ts";
import { run } from "./run.ts";
import { soak } from "./soak.ts";

const usage = `Runs clients that publish to themselves through a real nats-server and injects faults. Every message must be received
once and in order, or be counted as lost.

  npm run faults                          200 network faults, injected by a proxy
  npm run faults -- --faults 10000
  npm run faults -- --seed 17             the faults of this seed; their timing varies
  npm run faults -- cluster --kills 30    kills the node in use of a cluster of three, 30 times
  npm run faults -- rotation --rotations 50 --seed 17
                                          replaces the certificates of server and client on disk, 50 times
  npm run faults -- soak --minutes 10     kills and restarts a single server at random
  npm run faults -- jetstream --minutes 120
                                          the same with JetStream, KV and a service; cuts connections too
  npm run faults -- links --minutes 60    no faults: decodes and encodes what the servers of clusters send each other

  --figures                               prints the figures as JSON in the last line`;

const { values, positionals } = parseArgs({
  options: {
    faults: { type: "string", default: "200" },
    kills: { type: "string", default: "10" },
    rotations: { type: "string", default: "20" },
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    figures: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
  allowPositionals: true,
});

interface Result {
  readonly broken: readonly string[];
}

type Scenario = () => [again: string, result: Promise<Result>];

const scenarios: Record<string, Scenario> = {
  faults() {
    const [faults, seed] = [number("faults"), number("seed")];
    return [`--faults ${faults} --seed ${seed}`, run(faults, seed)];
  },
  cluster() {
    const kills = number("kills");
    return [`cluster --kills ${kills}`, killNodes(kills)];
  },
  rotation() {
    const [rotations, seed] = [number("rotations"), number("seed")];
    return [`rotation --rotations ${rotations} --seed ${seed}`, rotate(rotations, seed)];
  },
  soak() {
    const [minutes, seed] = [number("minutes"), number("seed")];
    return [`soak --minutes ${minutes} --seed ${seed}`, soak(minutes, seed)];
  },
  jetstream() {
    const [minutes, seed] = [number("minutes"), number("seed")];
    return [`jetstream --minutes ${minutes} --seed ${seed}`, soakJetStream(minutes, seed)];
  },
  links() {
    const [minutes, seed] = [number("minutes"), number("seed")];
    return [`links --minutes ${minutes} --seed ${seed}`, watchLinks(minutes, seed)];
  },
};

const scenario = scenarios[positionals[0] ?? "faults"];
if (values.help || scenario === undefined) console.log(usage);
else process.exitCode = await report(scenario);

async function report(scenario: Scenario): Promise<number> {
  const [again, result] = scenario();
  const { broken, ...figures } = await result.catch((error): Result => ({ broken: [String(error)] }));
  for (const [name, value] of Object.entries(figures)) console.log(`${format(value).padStart(12)}  ${name}`);
  for (const what of broken) console.log(`broken: ${what}`);
  if (broken.length > 0) console.log(`run again with: npm run faults -- ${again}`);
  if (values.figures && "published" in figures)
    console.log(JSON.stringify({ ...figures, again, broken: broken.length, version: natsServerVersion() }));
  return broken.length === 0 ? 0 : 1;
}

function format(value: unknown): string {
  return typeof value === "number" ? Math.round(value).toLocaleString("en") : JSON.stringify(value);
}

function number(option: "faults" | "kills" | "rotations" | "minutes" | "seed"): number {
  const text = values[option];
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`--${option} must be a number, not ${JSON.stringify(text)}`);
}
