// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ServerErrorCode, serverErrors, serverErrorText } from "@natswire/codec";
import { ConnectionError, connect, serve } from "@natswire/node";
import { afterAll, describe, expect, it } from "vitest";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { runtime } from "../../testkit/runtimes.ts";
import { readGuide, unquoted } from "./guide.ts";
import { env, run } from "./run.ts";

const folder = join(import.meta.dirname, "../client");
const embedded = await serve();
const real = await startNatsServer("");
afterAll(async () => {
  await embedded.close();
  await real.stop();
});

const programs = [...readGuide("client.md").programs, ...readGuide("errors.md").programs];

/** What each program prints, as the guides have it. */
const printed: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(folder).flatMap((file) => {
    const source = readFileSync(join(folder, file), "utf8");
    const found = programs.find(({ code }) => source.endsWith(`\n${code}`));
    return found === undefined ? [] : [[file, found.output]];
  }),
);

const slow = `drop-newest: 1 dropped so far
drop-newest: 2 dropped so far
drop-newest: 1 2; 3 dropped, undefined
drop-oldest: 1 dropped so far
drop-oldest: 2 dropped so far
drop-oldest: 4 5; 3 dropped, undefined
pause: 1 2 3 4 5; 0 dropped, undefined
close: 1 2; 0 dropped, ConnectionError: SLOW: the subscription to "ticks" did not keep up
`;

const own = ["debug.mjs", "drain.mjs", "retry.mjs", "slow.mjs", "types.ts"];
const outputs = { ...printed, "retry.mjs": "here now\n", "slow.mjs": slow };

it("runs every example, each of at most 40 lines", () => {
  const files = readdirSync(folder);
  expect(files.sort()).toEqual([...new Set([...Object.keys(printed), ...own])].sort());
  for (const file of files) {
    expect(readFileSync(join(folder, file), "utf8").trimEnd().split("\n").length, file).toBeLessThanOrEqual(40);
  }
});

it.each(["client.md", "errors.md"])("quotes only code that the tests run in docs/%s", (name) => {
  const beside = ["client.test.ts", "../workers/worker.mjs", "../operations/shutdown.mjs"].map((file) =>
    join(import.meta.dirname, file),
  );
  const files = [...readdirSync(folder).map((file) => join(folder, file)), ...beside];
  expect(unquoted(readGuide(name), files)).toEqual([]);
});

it("closes a client at the end of its block (await using)", async () => {
  const servers = embedded.url;
  let closed: Promise<unknown>;
  {
    await using client = await connect({ servers });
    client.publish("prices.apple", "12");
    await client.flush();
    closed = client.closed;
  }
  expect(await closed).toBeUndefined();
});

describe.concurrent.each([
  ["the embedded server", embedded.port],
  ["a real nats-server", real.port],
] as const)("at %s", (_, port) => {
  const url = `nats://127.0.0.1:${port}`;
  const withOutput = Object.entries(outputs).filter(([file]) => !["drain.mjs", "types.ts"].includes(file));

  it.each(withOutput)("prints the guide's output: %s", async (file, wanted) => {
    expect(await run(file, [url], folder)).toEqual({ printed: wanted, stderr: "", status: 0 });
  });

  it("prints the guide's output: types.ts", async () => {
    const [node = ""] = runtime("node24").command;
    const { stdout } = await promisify(execFile)(node, ["types.ts", url], { cwd: folder, env });
    expect(stdout).toBe(printed["types.ts"]);
  });

  it("prints the frames of debug.mjs, without the password", async () => {
    const { printed } = await run("debug.mjs", [url], folder);
    expect(printed).toMatch(/^client 1 -> CONNECT \{"verbose":false,.*"user":"ann","pass":"\*\*\*"\}$/m);
    expect(printed).toContain("client 1 -> PUB foo 5␍␊hello\n");
    expect(printed).toContain("server 1 <- MSG foo 1 5␍␊hello\n");
    expect(printed).not.toContain("s3cret");
  });

  it("answers every message before SIGTERM in drain.mjs", async () => {
    const client = await connect({ port });
    const answers = client.subscribe("answers", { max: 20 });
    const ended = await run("drain.mjs", [url], folder, (child) => {
      child.stdout?.once("data", async () => {
        for (let i = 0; i < 20; i++) client.publish("work", String(i), { reply: "answers" });
        await client.flush();
        child.kill("SIGTERM");
      });
    });
    expect(ended).toEqual({ printed: printed["drain.mjs"], stderr: "", status: 0 });
    const seen: string[] = [];
    for await (const answer of answers) seen.push(answer.text());
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => `${i} is done`));
    await client.close();
  });
});

describe("docs/errors.md", () => {
  const rows = [
    ...readGuide("errors.md").text.matchAll(/^\| `(.*)` \| `(\w+)` \| (stays open|closed) \| `(\w+)` \|$/gm),
  ];

  it("lists every error of nats-server", () => {
    expect(rows.map(([, text, name]) => [text!.replace(" …", ""), name])).toEqual(
      serverErrors.map(({ text, code }) => [text, code]),
    );
  });

  it.each(rows.map(([, , name, connection, code]) => [name!, connection!, code!]))(
    "says what a client does with %s",
    async (name, connection, code) => {
      const server = await serve();
      const client = await connect({ servers: server.url, reconnect: false });
      const statuses = client.status();
      server.connections[0]!.error(serverErrorText(name as ServerErrorCode, "orders.new"));
      const { value } = await statuses.next();
      expect(value.type).toBe(connection === "closed" ? "disconnect" : "error");
      expect(value.error).toBeInstanceOf(ConnectionError);
      expect(value.error.code).toBe(code);
      await client.close();
      await server.close();
    },
  );
});
