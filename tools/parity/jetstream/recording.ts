// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from "node:fs";
import type { Release, Theme } from "./script.ts";
import type { Transcript } from "./transcript.ts";

/** What a nats-server did in all scripts of a theme. */
export interface Recording {
  /** The version of nats-server. */
  readonly server: string;
  readonly date: string;
  readonly scripts: Readonly<Record<string, Transcript>>;
}

// From this file as well as from the program that is built of it.
const FOLDER = new URL("../jetstream/recordings/", import.meta.url);

function fileOf({ about }: Theme, release: Release): URL {
  return new URL(`${release}/${about.replaceAll(/\W+/g, "-")}.json`, FOLDER);
}

/** Reads the recording of a theme. @throws Error if it does not exist */
export function readRecording(theme: Theme, release: Release): Recording {
  return JSON.parse(readFileSync(fileOf(theme, release), "utf8")) as Recording;
}

/** Writes a line for each step and each message, so that a person can read changes. */
export function writeRecording(theme: Theme, release: Release, { server, date, scripts }: Recording): void {
  const titles = Object.entries(scripts).map(
    ([title, transcript]) => `${JSON.stringify(title)}: [\n${transcript.map(stepText).join(",\n")}\n]`,
  );
  const text = `{ "server": ${JSON.stringify(server)}, "date": ${JSON.stringify(date)}, "scripts": {\n${titles.join(",\n")}\n}}\n`;
  writeFileSync(fileOf(theme, release), text);
}

function stepText({ do: step, got }: Transcript[number]): string {
  const subscriptions = Object.entries(got)
    .sort()
    .map(
      ([name, deliveries]) =>
        `${JSON.stringify(name)}: [\n${deliveries.map((one) => `    ${JSON.stringify(one)}`).join(",\n")}]`,
    );
  return `  {"do": ${JSON.stringify(step)}, "got": {${subscriptions.join(", ")}}}`;
}
