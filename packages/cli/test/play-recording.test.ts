// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { Random } from "../../../tools/testkit/random.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { CliProcess, runCli } from "./cli-process.ts";

const NEWER = fileURLToPath(new URL("recordings/nats-server-2.15.jsonl", import.meta.url));
const CONVERSATIONS = 12;

const folder = mkdtempSync(join(tmpdir(), "natswire-play-recording-"));
let server: RealServer;
let to: readonly string[];
beforeAll(async () => {
  server = await startJetStreamServer();
  to = ["--to", `127.0.0.1:${server.port}`];
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Returns the pairs of lines of each difference. */
function marked(output: string): string[] {
  return output.split("\n").filter((line) => /^[-+] /.test(line));
}

/** Writes a recording whose clients and server send these lines. */
function write(name: string, ...lines: readonly (readonly [side: "->" | "<-", text: string, connection?: number])[]) {
  const file = join(folder, name);
  const entries = lines.map(([side, text, connection = 1], at) => {
    const from = side === "->" ? "client" : "server";
    return JSON.stringify({ at, connection, from, text: `${text}\r\n` });
  });
  writeFileSync(file, entries.join("\n"));
  return file;
}

const connected = ["->", 'CONNECT {"verbose":false,"headers":true}'] as const;

describe("a recording of nats-server 2.15", () => {
  it("has these differences to nats-server 2.9", async () => {
    const { code, output, errors } = await runCli(["play", NEWER, ...to, "--ignore", "config,ts"]);
    expect(code).toBe(1);
    expect(marked(output)).toEqual([
      expect.stringMatching(
        /^- 1 <- INFO \{"server_id":.*"client_ip":"<string>"\[-,"api_lvl":5,"xkey":"<string>"-\]\}$/,
      ),
      expect.stringMatching(/^\+ 1 <- INFO \{"server_id":.*"client_ip":"<string>"\}$/),
      '- 1 <- INFO {"connect_info":true,"remote_account":"$G"}',
      expect.stringMatching(/^- 2 <- INFO .*\[-,"api_lvl":5,"xkey":"<string>"-\]\}$/),
      expect.stringMatching(/^\+ 2 <- INFO .*"client_ip":"<string>"\}$/),
      '- 2 <- INFO {"connect_info":true,"remote_account":"$G"}',
      "- 2 <- HMSG _INBOX.q7Kd.2 1 | NATS/1.0 503[-␍␊Nats-Subject: nobody-]",
      "+ 2 <- HMSG _INBOX.q7Kd.2 1 | NATS/1.0 503",
    ]);
    expect(errors).toBe(`${NEWER}: 14 of 19 answers match\n`);
  });

  it("has one difference if the new fields are ignored", async () => {
    const fields = ["--ignore", "api_lvl,xkey, connect_info,remote_account", "--ignore", "config,ts"];
    const { output, errors } = await runCli(["play", NEWER, ...to, ...fields]);
    expect(marked(output)).toHaveLength(2);
    expect(output).toContain(`${NEWER}:23: the server sent something else\n`);
    expect(errors).toBe(`${NEWER}: 16 of 17 answers match\n`);
  });

  it("differs in times, names and sizes if all is compared (--exact)", async () => {
    const { output } = await runCli(["play", NEWER, ...to, "--exact", "--timeout", "200"]);
    expect(output).toMatch(/"version":"\[-2\.15\.3-\]"|\[-.*2\.15\.3.*-\]/);
    expect(output).toMatch(/\$JS\.ACK\.FRUIT\.eater\.1\.1\.1\.\[-\d+-\]\.0/);
  });
});

describe("a comparison of answers", () => {
  it("reports an ignored field that no answer has", async () => {
    const file = write("typo.jsonl", connected, ["->", "PING"], ["<-", "PONG"]);
    const { code, errors } = await runCli(["play", file, ...to, "--ignore", "max_paylod"]);
    expect([code, errors]).toEqual([0, "--ignore max_paylod: no INFO and no JSON payload has this field\n"]);
  });

  it("refuses malformed fields, --ignore with --exact or a transcript", async () => {
    const file = join(folder, "transcript.txt");
    writeFileSync(file, "1 -> PING\n");
    for (const [args, code, message] of [
      [["--ignore", "a,"], 2, "Write names of fields between commas"],
      [["--ignore", "a", "--exact"], 2, "--exact compares everything: give it without --ignore"],
      [["--ignore", "a"], 1, "--ignore is for recordings: in a transcript, write * for what may differ"],
    ] as const) {
      const result = await runCli(["play", file, ...to, ...args]);
      expect(result).toMatchObject({ code, output: "", errors: expect.stringContaining(message) });
    }
  });

  it("compares an order that the server gives", async () => {
    const echo = [connected, ["->", "SUB a 1"], ["->", "PUB a 1\r\nx"], ["->", "PING"]] as const;
    const file = write("order.jsonl", ...echo, ["<-", "PONG"], ["<-", "MSG a 1 1\r\nx"]);
    const { code, output, errors } = await runCli(["play", file, ...to]);
    expect(code).toBe(1);
    expect(output).toContain(":5: the server sent this in another order\n");
    expect(errors).toBe(`${file}: 1 of 2 answers match\n`);
  });

  it("ignores which member of a queue group receives a message, and when", async () => {
    const file = write(
      "queue.jsonl",
      connected,
      ["->", 'CONNECT {"verbose":false}', 2],
      ["->", "SUB a q 1"],
      ["->", "SUB a q 1", 2],
      ["->", "PING"],
      ["<-", "PONG"],
      ["->", "PING", 2],
      ["<-", "PONG", 2],
      ["->", "PUB a 1\r\n1"],
      ["->", "PUB a 1\r\n2"],
      ["->", "PUB a 1\r\n3"],
      ["->", "PING"],
      ["<-", "MSG a 1 1\r\n3", 2],
      ["<-", "MSG a 1 1\r\n2"],
      ["<-", "MSG a 1 1\r\n1", 2],
      ["<-", "PONG"],
    );
    const { code, errors } = await runCli(["play", file, ...to]);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
  });

  it("ignores the order of publishers and of copies", async () => {
    const first = [
      connected,
      ["->", 'CONNECT {"verbose":false}', 2],
      ["->", "SUB a.* 1"],
      ["->", "SUB a.x 2"],
    ] as const;
    const publish = [
      ["->", "PUB a.y 1\r\n1"],
      ["->", "PING"],
      ["->", "PUB a.x 1\r\n2", 2],
      ["->", "PING", 2],
    ] as const;
    const file = write(
      "free.jsonl",
      ...first,
      ["->", "PING"],
      ["<-", "PONG"],
      ...publish,
      ["<-", "PONG", 2],
      ["<-", "MSG a.x 2 1\r\n2"],
      ["<-", "MSG a.x 1 1\r\n2"],
      ["<-", "MSG a.y 1 1\r\n1"],
      ["<-", "PONG"],
    );
    const result = await runCli(["play", file, ...to]);
    expect(result).toEqual({ code: 0, output: "sent 9 lines, received 6 as expected\n", errors: "" });
  });
});

/** Has a random conversation of three clients. Each waits for the others before it sends. */
async function converse(port: number, random: Random, id: number): Promise<void> {
  const clients = Array.from({ length: 3 }, () => new RawClient(port));
  const subjects = ["a", "b", "a.b"].map((subject) => `c${id}.${subject}`);
  const patterns = [...subjects, `c${id}.>`, `c${id}.*`];
  const settle = async (): Promise<void> => {
    for (const client of clients) {
      client.send("PING\r\n");
      await client.until("PONG\r\n");
    }
  };
  for (const [i, client] of clients.entries()) {
    client.send(`CONNECT {"verbose":${i === 0},"headers":true,"no_responders":true,"echo":${random.once(2)}}\r\n`);
  }
  await settle();
  let sid = 0;
  for (let turn = 0; turn < 6; turn++) {
    const client = random.pick(clients);
    let batch = "";
    for (let left = 1 + random.below(5); left > 0; left--) {
      const payload = "x".repeat(random.below(5));
      sid++;
      batch += random.pick([
        `SUB ${random.pick(patterns)} p${sid}\r\n`,
        `SUB ${random.pick(patterns)} workers q${sid}\r\n`,
        `UNSUB q${1 + random.below(sid)}\r\n`,
        // Which member of a queue group has received how many messages is the server's choice: these have no maximum.
        `UNSUB p${1 + random.below(sid)} ${1 + random.below(3)}\r\n`,
        `PUB ${random.pick(subjects)} ${payload.length}\r\n${payload}\r\n`,
        `PUB ${random.pick(subjects)} _INBOX.${turn} 3\r\n{} \r\n`,
        `HPUB ${random.pick(subjects)} 18 ${18 + payload.length}\r\nNATS/1.0\r\nA: b\r\n\r\n${payload}\r\n`,
        "PING\r\n",
        "SUB bad..subject 9\r\n",
      ]);
    }
    client.send(batch);
    await settle();
  }
  for (const client of clients) client.socket.end();
  await Promise.all(clients.map(({ closed }) => closed));
}

describe("random conversations", () => {
  const random = new Random(1);
  const file = join(folder, "random.jsonl");
  let entries: readonly string[];

  beforeAll(async () => {
    const tap = new CliProcess("tap", "--listen", "0", "--upstream", `127.0.0.1:${server.port}`, "--record", file);
    const port = await tap.port();
    for (let id = 0; id < CONVERSATIONS; id++) await converse(port, random, id);
    await tap.interrupt();
    entries = readFileSync(file, "utf8").trim().split("\n");
  });

  it("have no difference if the same server answers", async () => {
    expect(await runCli(["play", file, ...to])).toMatchObject({ code: 0, errors: "" });
  });

  it("have one difference, marked, if one answer was changed", async () => {
    const messages = entries.flatMap((entry, i) =>
      /"from":"server","text":"MSG .*x\\r\\n"\}$/.test(entry) ? [i] : [],
    );
    expect(messages.length).toBeGreaterThan(10);
    const line = random.pick(messages);
    const planted = join(folder, "planted.jsonl");
    writeFileSync(planted, entries.with(line, entries[line]!.replace(/x\\r\\n"\}$/, 'y\\r\\n"}')).join("\n"));
    const { code, output, errors } = await runCli(["play", planted, ...to, "--timeout", "300"]);
    expect(code).toBe(1);
    expect(output).toContain(`${planted}:${line + 1}: the server sent something else\n`);
    expect(marked(output)).toEqual([expect.stringMatching(/\[-x*y-\]$/), expect.stringMatching(/\{\+x+\+\}$/)]);
    expect(errors).toMatch(/: (\d+) of (\d+) answers match\n$/);
  });
});
