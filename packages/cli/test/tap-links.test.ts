// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@natswire/node";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { freePort } from "../../../tools/testkit/free-port.ts";
import { type RealServer, startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { BytesDecoder, type DecodeOptions } from "../src/decode/bytes-decoder.ts";
import type { Side } from "../src/frame-reader.ts";
import { CliProcess, runCli } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-links-"));
const servers: RealServer[] = [];
let tap: CliProcess;

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  await tap?.interrupt();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(config: string): Promise<RealServer> {
  const server = await startNatsServer(config);
  servers.push(server);
  return server;
}

/** Starts two servers that are connected through a tap, and sends a message from the second to the first. */
async function exchange(
  config: { accepting(port: number): string; connecting(port: number): string },
  interest: RegExp,
  ...args: string[]
): Promise<void> {
  const port = await freePort();
  tap = new CliProcess("tap", "--listen", "0", "--upstream", `nats://127.0.0.1:${port}`, ...args);
  const accepting = await start(config.accepting(port));
  const connecting = await start(config.connecting(await tap.port()));
  const [subscriber, publisher] = await Promise.all(
    [accepting, connecting].map((server) => connect(`127.0.0.1:${server.port}`)),
  );
  const received = subscriber!.subscribe("orders.*", { queue: "workers", max: 1 });
  await tap.waitFor(interest);
  publisher!.publish("orders.new", "apple", { headers: { Kind: "new" } });
  for await (const message of received) expect(message.text()).toBe("apple");
  await Promise.all([subscriber!.close(), publisher!.close()]);
}

describe("natswire tap between servers", () => {
  it("shows the frames of a route", async () => {
    await exchange(
      {
        accepting: (port) => `cluster { name: c, listen: "127.0.0.1:${port}" }`,
        connecting: (port) => `cluster { name: c, listen: "127.0.0.1:-1", routes: ["nats-route://127.0.0.1:${port}"] }`,
      },
      /1 <- RS\+ \$G orders\.\* workers 1\n/,
      ...["--grep", "orders|lnoc"],
    );
    await tap.waitFor(/1 -> HMSG \$G orders\.new \| workers 23 28 \| Kind: new \| apple\n/);
    expect(tap.output.match(/-- \(protocol: route\)/g)).toHaveLength(1);
    expect(tap.output).toMatch(/1 -> CONNECT .*"cluster":"c","lnoc":true/);
    expect(await tap.interrupt()).toBe(0);
  });

  it("shows the frames of a leafnode, and hides its password in every mode", async () => {
    const file = join(folder, "leaf.jsonl");
    await exchange(
      {
        accepting: (port) =>
          `leafnodes { listen: "127.0.0.1:${port}", authorization { user: ann, password: s3cret-word } }`,
        connecting: (port) => `leafnodes { remotes: [{ url: "nats://ann:s3cret-word@127.0.0.1:${port}" }] }`,
      },
      /"verb":"LS\+","subject":"orders\.\*","queue":"workers","weight":1\}\n/,
      ...["--json", "--record", file],
    );
    await tap.waitFor(/"verb":"HMSG","subject":"orders\.new","queues":\["workers"\],"headers":\[\["Kind","new"\]\]/);
    expect(await tap.interrupt()).toBe(0);
    expect(tap.output).toContain('"event":"protocol","reason":"leafnode"');
    expect(tap.output).toMatch(/"verb":"CONNECT","options":\{.*"user":"ann","pass":"\*\*\*"/);
    const decoded = await runCli(["decode", file, "--subject", "orders.>"]);
    expect(decoded.output.match(/\(protocol: leafnode\)/g)).toHaveLength(1);
    expect(decoded.output).toMatch(/HMSG orders\.new \| workers 23 28 \| Kind: new \| apple\n/);
    for (const text of [tap.output, tap.errors, readFileSync(file, "utf8"), decoded.output])
      expect(text).not.toContain("s3cret-word");
  });

  it("leaves the routes' addresses in INFO, and those of leafnodes out", async () => {
    const { InfoRewriter } = await import("../src/tap/info-rewriter.ts");
    const rewritten = (info: string): string =>
      Buffer.from(
        new InfoRewriter({ hideServers: true, tls: undefined, noCompression: true }).rewrite(Buffer.from(info)),
      ).toString();
    const route = 'INFO {"lnoc":true,"connect_urls":["a:1"],"leafnode_urls":["b:2"]}\r\n';
    expect(rewritten(route)).toBe(route);
    expect(rewritten('INFO {"leafnode_urls":["b:2"],"compression":"s2_auto"}\r\n')).toBe(
      'INFO {"leafnode_urls":[],"compression":"off"}\r\n',
    );
  });
});

/** Returns the verbs and subjects of the frames in one direction. */
function decoded(side: Side, text: string, options: DecodeOptions = {}): string[] {
  const decoder = new BytesDecoder(side, options);
  const frames: string[] = [];
  for (const { view } of decoder.read(Buffer.from(text))) frames.push(`${view.verb} ${view.subject ?? ""}`.trim());
  decoder.end();
  return frames;
}

describe("natswire decode of one direction between servers", () => {
  it("detects the protocol from the first frame", () => {
    const leaf = 'CONNECT {"server_id":"N"}\r\nLS+ a\r\nLMSG a 1\r\nx\r\n';
    expect(decoded("client", leaf)).toEqual(["CONNECT", "LS+ a", "LMSG a"]);
    const gateway = 'INFO {"gateway":"c","server_id":"N"}\r\nRS+ A b\r\nA- A\r\n';
    expect(decoded("server", gateway)).toEqual(["INFO", "RS+ b", "A-"]);
  });

  it("reads from INFO how a route is written", () => {
    const named = 'CONNECT {"lnoc":true}\r\nINFO {"lnoc":true,"lnocu":true}\r\nLS- c A b\r\n';
    expect(decoded("client", named)).toEqual(["CONNECT", "INFO", "LS- b"]);
    const old = 'CONNECT {"lnoc":true}\r\nINFO {"lnoc":true}\r\nLS-  A b\r\n';
    expect(decoded("client", old)).toEqual(["CONNECT", "INFO", "LS- b"]);
    const pinned = 'CONNECT {"lnoc":true}\r\nINFO {"lnoc":true,"route_account":"A"}\r\nRS+ b\r\n';
    expect(decoded("client", pinned)).toEqual(["CONNECT", "INFO", "RS+ b"]);
  });

  it("finds frames in mid-stream if --protocol is given", () => {
    const options = { protocol: "route", resync: true } as const;
    expect(decoded("client", "le\r\nRMSG A b 1\r\nx\r\n", options)).toEqual(["RMSG b"]);
  });

  it("takes a client that has a server's name in CONNECT for a client", () => {
    expect(decoded("client", 'CONNECT {"server_id":"N","lang":"go"}\r\nPUB a 1\r\nx\r\n')).toEqual([
      "CONNECT",
      "PUB a",
    ]);
  });
});
