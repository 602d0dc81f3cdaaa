// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import { serve, userAuthorizer } from "@natswire/node";
import { beforeAll, describe, expect, it } from "vitest";
import { startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { type DemoReporter, formatObject } from "../src/demo/reporter.ts";
import { type DemoResult, runScenes } from "../src/demo/run-scenes.ts";
import { scenes } from "../src/demo/scenes.ts";
import { visible } from "../src/format/format.ts";
import type { TimedFrame } from "../src/replay/script-client.ts";
import { CliProcess, main, runCli } from "./cli-process.ts";

const nothing = (): void => {};
const silent: DemoReporter = {
  players: nothing,
  scene: nothing,
  code: nothing,
  frame: nothing,
  event: nothing,
  waiting: nothing,
  outcome: nothing,
};
const pingSettings = { pingInterval: 1000, pingMax: 2 };

describe.concurrent("natswire demo", () => {
  it("has the same transcript with nats-server and the embedded server", async () => {
    const real = await startNatsServer('ping_interval: "1s"\nping_max: 2');
    const ours = await serve(pingSettings);
    try {
      const [theirs, here] = await Promise.all([
        runScenes({ host: "127.0.0.1", port: real.port }, silent, { wait: 10_000 }),
        runScenes({ host: "127.0.0.1", port: ours.port }, silent, { wait: 10_000 }),
      ]);
      expect(here.outcomes.every((outcome) => outcome === "held")).toBe(true);
      expect(transcript(here)).toEqual(transcript(theirs));
      expect(transcript(here).length).toBeGreaterThan(15);
    } finally {
      await ours.close();
      await real.stop();
    }
  });

  it("has the scenes and frames of docs/protocol.md", async () => {
    const page = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");
    const documented = [...page.matchAll(/^## (.*)\n\n```\n([\s\S]*?)```/gm)].map(([, scene, frames]) => ({
      scene: scene!,
      frames: frames!.trimEnd().split("\n"),
    }));
    const server = await serve(pingSettings);
    try {
      const { transcript } = await runScenes({ host: "127.0.0.1", port: server.port }, silent, { wait: 10_000 });
      const observed = scenes().map(({ title }) => ({
        scene: title,
        frames: transcript.filter(({ scene }) => scene === title).map(({ frame }) => onTheWire(frame)),
      }));
      expect(documented.map(({ scene }) => scene)).toEqual(scenes().map(({ title }) => title));
      // The page shortens INFO with …; the same parts are omitted here.
      const [greeting, info] = [observed[0]!.frames[0]!, documented[0]!.frames[0]!];
      if (info.split("…").every((part) => greeting.includes(part))) observed[0]!.frames[0] = info;
      expect(documented).toEqual(observed);
    } finally {
      await server.close();
    }
  });

  it("exits with 0 if every expectation held", async () => {
    const { code, output } = await demo("--fast");
    expect(output).toContain("14 of 14 expectations held");
    expect(output).toContain("1 <- MSG foo.bar 90 5\\r\\nhello\\r\\n\n");
    expect(code).toBe(0);
  });

  it("names what it waits for if an answer is late", async () => {
    const server = createServer((socket) => void socket.on("error", nothing)).listen(0, "127.0.0.1");
    await once(server, "listening");
    const cli = new CliProcess("demo", "--server", `127.0.0.1:${(server.address() as AddressInfo).port}`);
    await cli.waitFor(/^ {12}… waiting for INFO \{…\}, at most 5 s$/m);
    await cli.interrupt();
    server.close();
  });

  it("dims CR LF in a terminal", async () => {
    const command = `"${process.execPath}" "${main}" demo --fast`;
    const { NO_COLOR: _, ...env } = process.env;
    const { stdout } = await promisify(execFile)("script", ["-qec", command, "/dev/null"], { env });
    expect(stdout).toContain("\x1b[33mPING\x1b[39m\x1b[2m\\r\\n\x1b[22m");
  });

  it("prints only JSON with --json", async () => {
    for (const [scene, third] of [
      ["protocol", "ok"],
      ["reconnect", "ping"],
    ]) {
      const { code, output } = await demo(scene!, "--fast", "--json");
      const frames = output
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { frame: { op: string; payload?: string } });
      expect(frames.map(({ frame }) => frame.op).slice(0, 3)).toEqual(["info", "connect", third]);
      expect(frames.find(({ frame }) => frame.op === "msg")?.frame.payload).toBe("hello");
      expect(code).toBe(0);
    }
  });

  it("exits with 0 if PINGs are not observed within --wait", async () => {
    const real = await startNatsServer("");
    try {
      const { code, output } = await demo("--server", `nats://127.0.0.1:${real.port}`, "--wait", "0.3");
      expect(output).toContain("not observed; wait longer with --wait");
      expect(code).toBe(0);
    } finally {
      await real.stop();
    }
  });

  it("shows a client that reconnects after its server stops answering", async () => {
    const { code, output } = await demo("reconnect", "--fast");
    expect(output).toMatch(
      /STALE: \S+: 2 PINGs unanswered[\s\S]* 2 -> SUB foo\.\* 1[\s\S]* 2 <- MSG foo\.bar 1 11\\r\\nhello again/,
    );
    expect(output).toContain("4 of 4 expectations held");
    expect(code).toBe(0);
  });

  it("sends the credentials of the URL and hides the password", async () => {
    const authorize = userAuthorizer([{ user: "ann", password: "s3cret-word" }]);
    // A server each: two demos on one server receive each other's messages.
    const servers = [await serve({ authorize, ...pingSettings }), await serve({ authorize, ...pingSettings })] as const;
    const [one, other] = servers.map(({ port }) => `nats://ann:s3cret-word@127.0.0.1:${port}`) as [string, string];
    const [shown, json] = await Promise.all([demo("--server", one), demo("--server", other, "--json")]);
    expect([shown.code, json.code]).toEqual([0, 0]);
    expect(shown.output).toContain('CONNECT {"user":"ann","pass":"***"}');
    expect(JSON.stringify([shown, json])).not.toContain("s3cret-word");
    await Promise.all(servers.map((server) => server.close()));
  });

  it("prints no control characters", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {}).end('INFO {"version":"\\u001b[2J","max_payload":1}\r\n-ERR \x1b[2J\r\n');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { code, output } = await demo("--server", `127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(code).toBe(1);
    expect(output).toContain('version: "␛[2J"');
    expect(output).toContain("✗ expected +OK, received -ERR '␛[2J'");
    expect(output).not.toContain("\x1b");
    server.close();
  });

  it("rejects --server for the reconnect scene", async () => {
    expect(await demo("reconnect", "--server", "x")).toMatchObject({ code: 2, output: "" });
  });

  it("rejects an unknown scene and lists the known ones", async () => {
    expect(await demo("recconect")).toMatchObject({
      code: 2,
      errors: expect.stringContaining("Allowed choices are protocol, reconnect"),
    });
  });

  it("exits with 1 and the reason if the connection is refused", async () => {
    const { code, errors } = await demo("--server", "nats://127.0.0.1:1");
    expect(errors).toMatch(
      /^cannot connect to 127\.0\.0\.1:1: connection refused \(ECONNREFUSED\): no server is listening$/m,
    );
    expect(code).toBe(1);
  });

  it("exits with 1 if the server answers otherwise", async () => {
    const quiet = await serve({ ...pingSettings, maxSubscriptions: 0 });
    try {
      const { code, output } = await demo("--server", quiet.url);
      expect(output).toContain("-ERR 'maximum subscriptions exceeded'");
      expect(code).toBe(1);
    } finally {
      await quiet.close();
    }
  });
});

describe.concurrent.each(["protocol", "reconnect"])("natswire demo %s", (scene) => {
  let lines: string[] = [];
  beforeAll(async () => {
    lines = (await demo(scene)).output.trimEnd().split("\n");
  });

  it("starts with who takes part and what it waits for", () => {
    expect(lines[0]).toMatch(/^A client and .* PING every 0\.5 s/);
    expect(lines.join("\n")).toMatch(/^ {12}… waiting for /m);
  });

  it("fits 80 columns and has no colours in a pipe", () => {
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => line.length > 80 || line.includes("\x1b"))).toEqual([]);
  });

  it("shows the time of each frame and event", () => {
    const frames = lines.filter((line) => /^.{8} \d (->|<-|--) /.test(line));
    expect(frames.length).toBeGreaterThan(15);
    expect(frames.filter((line) => !/^ *\d+\.\d{3} /.test(line))).toEqual([]);
  });
});

/** Returns a frame's bytes as the page shows them. */
function onTheWire({ from, bytes }: TimedFrame): string {
  return `${from === "server" ? "1 <-" : "1 ->"} ${visible(new TextDecoder().decode(bytes))}`;
}

/** Returns the frames as text, without the values of INFO. */
function transcript({ transcript }: DemoResult): string[] {
  return transcript.map(({ scene, frame: { from, frame } }) => {
    return `${scene} | ${from} | ${frame.op === "info" ? "info" : formatObject(frame)}`;
  });
}

function demo(...args: string[]): ReturnType<typeof runCli> {
  return runCli(["demo", ...args]);
}
