// SPDX-License-Identifier: Apache-2.0
// Records what a nats-server does in the scripts, or plays some. NATS_SERVER names the server; by default it is Debian's.
//
//   node tools/parity/dist/jetstream.js record                all scripts, into recordings
//   node tools/parity/dist/jetstream.js record TEXT           the themes with this text in their name
//   node tools/parity/dist/jetstream.js play TEXT             prints the scripts with this text in their name
//   node tools/parity/dist/jetstream.js compare [TEXT]        the same scripts with their recordings
//   node tools/parity/dist/jetstream.js steps FILE|-          prints what happens in the steps of a JSON file
//   … --port N                                                on a server that runs already; its streams are deleted
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { differencesOf } from "./difference.ts";
import { play, type Target } from "./play.ts";
import { readRecording, writeRecording } from "./recording.ts";
import { type Step, scriptsFor, type Theme } from "./script.ts";
import { themes } from "./scripts/index.ts";
import { api } from "./steps.ts";
import { release, running, startReal, version } from "./target.ts";
import type { Transcript } from "./transcript.ts";

// Scripts that are played at once, each on a server of its own.
const AT_ONCE = 6;

const { values, positionals } = parseArgs({ options: { port: { type: "string" } }, allowPositionals: true });
const [command = "", text = ""] = positionals;

if (command === "record") for (const theme of themes) await record(theme);
else if (command === "play") for (const theme of themes) await show(theme);
else if (command === "compare") for (const theme of themes) await compare(theme);
else if (command === "steps")
  print("steps", await alone(JSON.parse(readFileSync(text === "-" ? 0 : text, "utf8")) as Step[]));
else throw new Error(`unknown command "${command}": choose from record, play, compare, steps`);

async function record(theme: Theme): Promise<void> {
  if (!theme.about.includes(text)) return;
  const scripts = Object.entries(scriptsFor(theme, release));
  const transcripts: Record<string, Transcript> = {};
  const left = scripts.values();
  const worker = async (): Promise<void> => {
    for (const [title, steps] of left) transcripts[title] = await alone(steps, title);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  // In the order of the scripts, not in that of their ends.
  const inOrder = Object.fromEntries(scripts.map(([title]) => [title, transcripts[title]!]));
  writeRecording(theme, release, { server: version, date: new Date().toISOString().slice(0, 10), scripts: inOrder });
  console.log(`${theme.about}: ${scripts.length} scripts recorded on nats-server ${version}`);
}

async function show(theme: Theme): Promise<void> {
  for (const [title, steps] of Object.entries(scriptsFor(theme, release))) {
    const name = `${theme.about}: ${title}`;
    if (name.includes(text)) print(name, await alone(steps, name));
  }
}

async function compare(theme: Theme): Promise<void> {
  const recording = readRecording(theme, release);
  for (const [title, steps] of Object.entries(scriptsFor(theme, release))) {
    const name = `${theme.about}: ${title}`;
    if (!name.includes(text)) continue;
    const recorded = recording.scripts[title] ?? [];
    const differences = differencesOf(recorded, await alone(steps, name, recorded));
    if (differences.length > 0) console.log([name, ...differences].join("\n  "));
  }
}

/** Plays steps on a server of their own, or on the one that was named. */
async function alone(steps: readonly Step[], title = "", recorded?: Transcript): Promise<Transcript> {
  if (values.port !== undefined) {
    const target = running(Number(values.port));
    await play(await deletions(target), target);
    return play(steps, target, recorded);
  }
  const target: Target & { stop(): Promise<void> } = await startReal();
  try {
    return await play(steps, target, recorded);
  } catch (error) {
    throw new Error(title, { cause: error });
  } finally {
    await target.stop();
  }
}

async function deletions(target: Target): Promise<readonly Step[]> {
  const [names] = await play([api("STREAM.NAMES")], target);
  const { streams } = names!.got["answer"]![0]!.data as { streams: readonly string[] | null };
  return (streams ?? []).map((name) => api(`STREAM.DELETE.${name}`));
}

function print(name: string, transcript: Transcript): void {
  console.log(`\n${name}`);
  for (const { do: step, got } of transcript) {
    console.log(`  ${JSON.stringify(step)}`);
    for (const [subscription, deliveries] of Object.entries(got))
      for (const delivery of deliveries) console.log(`      ${subscription}: ${JSON.stringify(delivery)}`);
  }
}
