// SPDX-License-Identifier: Apache-2.0
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Server, serve } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "./cli-process.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const page = readFileSync(path("../../../docs/cli.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "natswire-docs-"));
afterAll(() => rmSync(folder, { recursive: true }));

// The files of the page have their name in the line above. The examples that need no other process are run.
for (const [, name, text] of page.matchAll(/^`(\S+)`:\n\n```\n([\s\S]*?)```$/gm))
  writeFileSync(join(folder, name!), text!);
const examples = [...page.matchAll(/```console\n\$ (.*natswire (?:decode|play)\b.*)\n([\s\S]*?)```/g)].map(
  ([, command, printed]) => [command!, printed!] as const,
);

const natswire = `natswire() { "${process.execPath}" "${path("../dist/main.js")}" "$@"; }; exec 2>&1`;

/** An example of the page: what is typed, and what is printed. */
interface Example {
  readonly command: string;
  readonly printed: string;
}

/** Returns the examples of a section. One that runs until ctrl+c is first, with those of the other terminal after it. */
function sectionExamples(name: string): readonly Example[][] {
  const [, section = ""] = page.split(new RegExp(`^## ${name}\n`, "m"));
  const [content = ""] = section.split(/^## /m);
  const groups: Example[][] = [];
  for (const [, command = "", printed = ""] of content.matchAll(/```console\n\$ (.*)\n([\s\S]*?)```/g)) {
    if (isService(printed) || groups.length === 0) groups.push([]);
    groups.at(-1)?.push({ command, printed });
  }
  return groups;
}

/** Runs examples in terminals of their own, one that runs until ctrl+c in the background, and returns what each prints. */
async function runExamples(examples: readonly Example[]): Promise<readonly string[]> {
  const outputs: string[] = [];
  let service: Service | undefined;
  try {
    for (const { command, printed } of examples) {
      const local = command.replace("nats://127.0.0.1:4222", server.url);
      const args = ["-c", `${natswire}; ${local}; exit 0`];
      const options = { cwd: folder, env: { ...process.env, NATS_URL: server.url } };
      if (isService(printed)) service = await startService(args, options);
      else outputs.push((await promisify(execFile)("bash", args, options)).stdout);
    }
    if (service === undefined) return outputs;
    if (examples[0]?.printed.includes("^C")) service.kill("SIGINT");
    return [await service.output, ...outputs];
  } catch (error) {
    service?.kill("SIGKILL");
    throw error;
  }
}

/** An example that runs in the background. */
interface Service {
  /** Resolves with what it printed, after its end. */
  readonly output: Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts an example that runs until ctrl+c, and waits until it is ready. */
async function startService(args: readonly string[], options: object): Promise<Service> {
  // A process group, as in a terminal.
  const shell = spawn("bash", args, { ...options, detached: true, stdio: "pipe" });
  let output = "";
  shell.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const ended = once(shell, "close").then(() => output);
  while (!isService(output)) await once(shell.stdout, "data");
  return { output: ended, kill: (signal) => process.kill(-shell.pid!, signal) };
}

function isService(output: string): boolean {
  return output.includes("press ctrl+c");
}

/** Returns an output without what differs from run to run: numbers of a measurement, random subjects, rows of a histogram. */
function stable(output: string): string {
  return output
    .replace("^C", "")
    .replaceAll(server.url, "nats://127.0.0.1:4222")
    .replace(/_INBOX\.\S+/g, "_INBOX")
    .replace(/( +≤.*\n)+/g, "histogram\n")
    .replace(/[\d,.]+(?= (?:s|ms|messages\/s|MB\/s)\b)/g, "#");
}

let server: Server;
beforeAll(async () => {
  server = await serve();
});
afterAll(() => server.close());

describe("docs/cli.md", () => {
  const connected = ["pub", "sub", "reply", "rtt", "bench"].flatMap((name) =>
    sectionExamples(name).map((examples) => [examples[0]?.command ?? "", examples] as const),
  );
  const [service] = sectionExamples("reply");
  const requests = ["req", [...(service?.slice(0, 1) ?? []), ...sectionExamples("req").flat()]] as const;

  it.each([...connected, requests])("prints what the page shows, with a server: %s", async (_, examples) => {
    const outputs = await runExamples(examples);
    expect(outputs.map(stable)).toEqual(examples.map(({ printed }) => stable(printed)));
  });

  it("has examples that can be run", () => {
    expect(examples.length).toBeGreaterThan(5);
  });

  it.each(["tap", "decode"])("names every option of natswire %s", async (command) => {
    const { output } = await runCli([command, "--help"]);
    const options = output.match(/--[a-z][a-z-]+(?= |$)/gm) ?? [];
    expect(options.length).toBeGreaterThan(10);
    expect(options.filter((option) => option !== "--help" && !page.includes(`\`${option}`))).toEqual([]);
  });

  it.each(examples)("prints what the page shows: %s", (command, printed) => {
    expect(execFileSync("bash", ["-c", `${natswire}; ${command}; exit 0`], { cwd: folder, encoding: "utf8" })).toBe(
      printed,
    );
  });
});
