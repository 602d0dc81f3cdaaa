// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Terminal } from "../src/format/terminal.ts";
import { ConnectionMonitor, type FrameSink } from "../src/tap/connection-monitor.ts";
import { Printer, type PrintOptions } from "../src/tap/printer.ts";
import { Rates } from "../src/tap/rates.ts";
import { Recorder } from "../src/tap/recording.ts";
import { Statistics } from "../src/tap/statistics.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-printer-"));
afterAll(() => rmSync(folder, { recursive: true }));

type Step = readonly [at: number, from: "client" | "server", text: string];

/** Returns what is printed of one connection. */
function printed(steps: readonly Step[], options: PrintOptions = {}, terminal?: Terminal): string[] {
  const lines: string[] = [];
  const monitor = new ConnectionMonitor(1, [new Printer(options, (line) => lines.push(line), terminal)]);
  monitor.event(0, "opened", { time: new Date(2026, 10, 30, 9, 5, 7, 250).toISOString() });
  for (const [at, from, text] of steps) monitor.received(at, from, Buffer.from(text));
  return lines.filter((line) => !line.includes("opened"));
}

const request: readonly Step[] = [
  [1, "client", "PUB users.7 _INBOX.6lsy5qJrgnY8JPez5yJvr9.iq9KOYcr 2\r\n{}\r\n"],
  [3.5, "server", "MSG _INBOX.6lsy5qJrgnY8JPez5yJvr9.iq9KOYcr 1 3\r\nann\r\n"],
];

describe("a printed frame", () => {
  it("names the request that it answers, and the latency", () => {
    expect(printed(request)[1]).toMatch(/iq9KOYcr 1 3 \| ann # answers users\.7, 2\.5 ms$/);
    expect(JSON.parse(printed(request, { json: true })[1]!)).toMatchObject({ request: "users.7", latency: 2.5 });
  });

  it("says that a request has no responders", () => {
    const steps: Step[] = [
      [0, "client", "PUB nobody a.b 0\r\n\r\n"],
      [1, "server", "HMSG a.b 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"],
    ];
    expect(printed(steps)[1]).toMatch(/\| 503 # no responders for nobody, 1 ms$/);
  });

  it("names a request to a service that the client answers", () => {
    const steps: Step[] = [
      [0, "server", "MSG svc 1 r 0\r\n\r\n"],
      [2, "client", "PUB r 2\r\nok\r\n"],
    ];
    expect(printed(steps)[1]).toMatch(/PUB r 2 \| ok # answers svc, 2 ms$/);
  });

  it.each([
    ["PUB $JS.API.CONSUMER.MSG.NEXT.orders.desk r 0\r\n\r\n", "JetStream CONSUMER.MSG.NEXT orders/desk"],
    ["PUB $JS.hub.API.STREAM.INFO.orders r 0\r\n\r\n", "JetStream STREAM.INFO orders"],
    ["PUB $JS.ACK.orders.desk.2.1041.7.1.3 4\r\n+WPI\r\n", "progress orders/desk #1041"],
    [
      'PUB $JS.ACK.orders.desk.2.1041.7.1.3 19\r\n-NAK {"delay":5000}\r\n',
      "nak, again after 0.005 ms, orders/desk #1041",
    ],
    ["PUB a $JS.ACK.orders.desk.2.1041.7.1.3 0\r\n\r\n", "orders/desk #1041, delivery 2, 3 pending"],
    ["HPUB a 28 28\r\nNATS/1.0 404 No Messages\r\n\r\n\r\n", "no-messages"],
  ])("says what a message means to JetStream: %s", (text, meaning) => {
    expect(printed([[0, "client", text]])[0]).toMatch(new RegExp(`# ${meaning.replaceAll(/[$.#]/g, "\\$&")}$`));
  });

  it("names the sequence of a stored message, if it was requested", () => {
    const ack = '{"stream":"orders","seq":18446744073709551615,"duplicate":true}';
    const steps: Step[] = [
      [0, "client", "PUB orders.new r 0\r\n\r\n"],
      [1, "server", `MSG r 1 ${ack.length}\r\n${ack}\r\nMSG r 1 ${ack.length}\r\n${ack}\r\n`],
    ];
    const lines = printed(steps);
    expect(lines[1]).toMatch(/# answers orders\.new, 1 ms; stored as orders #18446744073709551615, a duplicate$/);
    expect(lines[2]).not.toContain("#");
  });

  it("fits a terminal, with arrows, and shows the end of inboxes", () => {
    const long: Step = [
      4,
      "client",
      `HPUB orders.new 120 180\r\nNATS/1.0\r\nKind: ${"k".repeat(100)}\r\n\r\n${"x".repeat(60)}\r\n`,
    ];
    for (const columns of [100, 140, 200]) {
      const lines = printed([...request, long], {}, { columns, hasArrows: true });
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      expect(lines[0]).toBe("   0.001 1 → PUB users.7 _INBOX.…9KOYcr 2 | {}");
      expect(lines[1]).toMatch(/^ {3}0\.004 1 ← MSG _INBOX\.…9KOYcr 1 3 \| ann # answers users\.7, 2\.5 ms$/);
      expect(lines[2]).toMatch(/HPUB orders\.new 120 180 \| Kind.*k \| x+…?x+$/);
    }
    expect(printed(request, { full: true }, { columns: 40, hasArrows: false })[0]).toContain(
      "-> PUB users.7 _INBOX.6lsy5q",
    );
  });

  it("has JSON on several lines with --pretty, its numbers unchanged", () => {
    const json = '{"id": 18446744073709551615,"none":[ ],"items":["a:b,c\\"{"]}';
    expect(printed([[0, "client", `PUB a ${json.length}\r\n${json}\r\nPUB a 2\r\n{x\r\n`]], { pretty: true })).toEqual([
      `   0.000 1 -> PUB a ${json.length}
              {
                "id": 18446744073709551615,
                "none": [],
                "items": [
                  "a:b,c\\"{"
                ]
              }`,
      "   0.000 1 -> PUB a 2 | {x",
    ]);
  });

  it("has the time since the line before, or of the day", () => {
    const times = (time: PrintOptions["time"]): string[] => printed(request, { time }).map((line) => line.slice(0, 12));
    expect(times("delta")).toEqual(["   0.001 1 -", "   0.003 1 <"]);
    expect(times("clock")).toEqual(["09:05:07.251", "09:05:07.253"]);
  });
});

describe("a printed fault", () => {
  it.each([
    ["SUB a b c \u009b2J\r\n", /BAD_ARGUMENTS at byte 0: .*"SUB a b c \\xc2\\x9b2J"/],
    ["PUB a 3\r\nabcd\r\n", /BAD_TRAILER at byte 12: .* in "PUB a 3"/],
    ["GET / HTTP/1.1\r\n", /UNKNOWN_VERB at byte 0: .*"GET \/ HTTP\/1\.1"/],
  ])("shows the line, escaped: %j", (text, wanted) => {
    expect(printed([[0, "client", text]])[0]).toMatch(wanted);
  });
});

describe("a filter of printed frames", () => {
  const steps: readonly Step[] = [
    [0, "client", 'CONNECT {"name":"orders desk","pass":"secret"}\r\nPING\r\n'],
    [1, "server", "PONG\r\n"],
    ...request,
  ];
  const verbs = (options: PrintOptions): (string | undefined)[] =>
    printed(steps, options).map((line) => /(?:->|<-) (\S+)/.exec(line)?.[1]);

  it.each([
    [{ ping: false }, ["CONNECT", "PUB", "MSG"]],
    [{ connection: [1] }, ["CONNECT", "PING", "PONG", "PUB", "MSG"]],
    [{ connection: [2, 3] }, []],
    [{ name: "desk", verb: ["PUB", "CONNECT"] }, ["CONNECT", "PUB"]],
    [{ name: "other" }, []],
    [{ grep: /\| ann$/u }, ["MSG"]],
    [{ grep: /secret/u }, []],
    [{ count: 2 }, ["CONNECT", "PING"]],
    [{ subject: ["users.*"] }, ["PUB"]],
  ] satisfies [PrintOptions, string[]][])("selects by %o", (options, wanted) => {
    expect(verbs(options)).toEqual(wanted);
  });
});

describe("Rates", () => {
  it("prints messages and bytes for each subject, inboxes as one", () => {
    const lines: string[] = [];
    const rates = new Rates({}, (line) => lines.push(line));
    const monitor = new ConnectionMonitor(1, [rates]);
    for (const [at, from, text] of [...request, ...request]) monitor.received(at, from, Buffer.from(text));
    rates.report(2000);
    rates.report(3000);
    expect(lines).toEqual([
      "   2.000  2 messages/s, 2 subjects",
      "         1/s           58 B/s -> users.7",
      "         1/s           53 B/s <- _INBOX.>",
      "   3.000  0 messages/s, 0 subjects",
    ]);
  });
});

describe("the credentials of a CONNECT", () => {
  const SECRET = "s3cret-word";
  const secretName = fc.constantFrom("pass", "PASS", "auth_token", "jwt", "nkey", "sig", "proxy_sig", "unknown_field");
  const connect = fc
    .tuple(
      fc.dictionary(secretName, fc.constant(SECRET), { minKeys: 1 }),
      fc.constantFrom("connect", "CONNECT", "Connect"),
    )
    .map(([fields, verb]) => `${verb} ${JSON.stringify({ name: `x://${SECRET}@host`, ...fields })}\r\n`);
  // Also a CONNECT that is broken: cut, without its verb, or not JSON.
  const broken = fc.tuple(connect, fc.nat(), fc.constantFrom("cut", "verb", "json", "long")).map(([text, at, how]) => {
    if (how === "cut") return `${text.slice(0, at % text.length)}\r\n`;
    if (how === "verb") return `CONECT${text.slice(7)}`;
    return how === "json" ? text.replace('"', "'") : `${text.slice(0, -2)}${" ".repeat(70_000)}\r\n`;
  });
  const modes: readonly PrintOptions[] = [
    {},
    { json: true },
    { full: true },
    { pretty: true },
    { grep: /./u },
    { name: "x" },
  ];

  it("are in no output", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(connect, broken), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 90 }),
        (texts, size) => {
          const file = join(folder, "recording.jsonl");
          const lines: string[] = [];
          const print = (line: string): unknown => lines.push(line);
          const statistics = new Statistics();
          const recorder = new Recorder(file, {});
          const printers: FrameSink[] = modes.map((mode) => new Printer(mode, print));
          const terminal = new Printer({}, print, { columns: 80, hasArrows: true });
          const monitor = new ConnectionMonitor(1, [...printers, terminal, statistics, recorder, new Rates({}, print)]);
          monitor.event(0, "opened");
          const bytes = Buffer.from(texts.join(""));
          for (let at = 0; at < bytes.length; at += size) monitor.received(at, "client", bytes.subarray(at, at + size));
          recorder.close();
          const everything = [...lines, ...statistics.report(), readFileSync(file, "utf8")].join("\n");
          expect(everything).not.toContain(SECRET);
          expect(lines.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 200 },
    );
  });
});
