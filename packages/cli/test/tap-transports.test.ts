// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectOfficial, wsconnect } from "@nats-io/transport-node";
import { connect, serveCluster } from "@natswire/node";
import { connect as connectWebSocket } from "@natswire/websocket";
import { Command } from "commander";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { type RealServer, startNatsServer, tlsConfig } from "../../../tools/testkit/nats-server.ts";
import { addTapOptions, type TapFlags } from "../src/commands/tap-options.ts";
import { CliProcess, runCli } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-tap-"));
const { server: certificate, client: clientCertificate, ca, remove } = makeCertificates();
const listenTls = ["--tlscert", certificate.certFile, "--tlskey", certificate.keyFile];
const upstreamCa = ["--upstream-tlsca", ca.certFile];
let plain: RealServer;
let secure: RealServer;
let tap: CliProcess;

beforeAll(async () => {
  plain = await startNatsServer("websocket { port: -1, no_tls: true }");
  secure = await startNatsServer(
    `${tlsConfig(certificate, `ca_file: "${ca.certFile}"`, "verify: true")}\nwebsocket { port: -1, ${tlsConfig(certificate)} }`,
  );
});

afterEach(() => tap?.interrupt());

afterAll(async () => {
  await Promise.all([plain.stop(), secure.stop()]);
  remove();
  rmSync(folder, { recursive: true });
});

/** Starts a tap and returns its URL. */
async function start(...args: string[]): Promise<string> {
  tap = new CliProcess("tap", ...args);
  return (await tap.waitFor(/^(\S+) is listening/m))[1]!;
}

/** Publishes and receives one message with headers, with natswire's client. */
async function exchange(client: Awaited<ReturnType<typeof connect>>): Promise<void> {
  const received = client.subscribe("orders.*", { max: 1 });
  client.publish("orders.new", "x".repeat(100_000), { headers: { Kind: "new" } });
  for await (const message of received) expect(message.payload.length).toBe(100_000);
  await client.close();
  await tap.waitFor(/closed/);
  expect(tap.output).toMatch(/<- HMSG orders\.new \S+ 23 100023 \| Kind: new \| xxx/);
  expect(tap.output).not.toContain("TLS starts");
}

describe("natswire tap with TLS to the server", () => {
  const mutual = [
    ...upstreamCa,
    "--upstream-tlscert",
    clientCertificate.certFile,
    "--upstream-tlskey",
    clientCertificate.keyFile,
  ];

  it("shows the frames of a client without TLS, with its own certificate", async () => {
    const url = await start("--listen", "0", "--upstream", `tls://localhost:${secure.port}`, ...mutual);
    await exchange(await connect(url));
  });

  it("serves the official client with TLS", async () => {
    const url = await start("--listen", "0", "--upstream", `tls://localhost:${secure.port}`, ...mutual, ...listenTls);
    expect(url).toMatch(/^tls:/);
    const client = await connectOfficial({ servers: url.replace("tls://", ""), tls: { ca: ca.cert } });
    expect(client.info?.tls_required).toBe(true);
    const [message] = await Promise.all([
      new Promise((resolve) =>
        client.subscribe("a", { max: 1, callback: (_, { data }) => resolve(Buffer.from(data).toString()) }),
      ),
      client.publish("a", "hello"),
    ]);
    expect(message).toBe("hello");
    await client.close();
  });

  it("starts before INFO on both sides (--tlsfirst, --upstream-tlsfirst)", async () => {
    const inner = new CliProcess(
      "tap",
      "--listen",
      "0",
      "--upstream",
      `nats://localhost:${plain.port}`,
      ...listenTls,
      "--tlsfirst",
    );
    const [, innerUrl] = await inner.waitFor(/^(\S+) is listening/m);
    const url = await start(
      "--listen",
      "0",
      "--upstream",
      innerUrl!,
      ...upstreamCa,
      "--upstream-tlsfirst",
      ...listenTls,
      "--tlsfirst",
    );
    await exchange(await connect({ servers: url, handshakeFirst: true, tls: { ca: ca.cert } }));
    await inner.interrupt();
  });

  it("names a certificate that is not trusted, and what to do", async () => {
    const url = await start("--listen", "0", "--upstream", `tls://localhost:${secure.port}`);
    connectSocket(Number(new URL(url).port), "127.0.0.1").on("error", () => {});
    await tap.waitFor(/unreachable: tls:\/\/localhost:\d+: .*certificate.*; name its CA with --upstream-tlsca/);
  });

  it("reports a client whose handshake fails", async () => {
    await start("--listen", "0", "--upstream", `nats://localhost:${plain.port}`, ...listenTls, "--tlsfirst");
    const [, port] = await tap.waitFor(/:(\d+) is listening/);
    connectSocket(Number(port), "127.0.0.1").end("PING\r\n");
    await tap.waitFor(/^127\.0\.0\.1:\d+: TLS handshake failed: the client does not use TLS$/m);
  });
});

describe("natswire tap with WebSockets", () => {
  it("shows the frames between a WebSocket client and a plain server", async () => {
    const url = await start("--listen", "ws://127.0.0.1:0", "--upstream", `nats://localhost:${plain.port}`);
    await exchange(await connectWebSocket({ servers: url, factory: (url) => new WebSocket(url) as never }));
  });

  it("shows the frames between a plain client and a WebSocket port", async () => {
    const url = await start("--listen", "0", "--upstream", `ws://localhost:${plain.webSocketPort}`);
    await exchange(await connect(url));
  });

  it("uses TLS on both sides (wss)", async () => {
    const upstream = `wss://localhost:${secure.webSocketPort}`;
    const url = await start("--listen", "wss://127.0.0.1:0", "--upstream", upstream, ...upstreamCa, ...listenTls);
    const factory = (url: string): never => new WebSocket(url, { ca: ca.cert }) as never;
    await exchange(await connectWebSocket({ servers: url, factory }));
  });

  it("serves the official client", async () => {
    const url = await start("--listen", "ws://127.0.0.1:0", "--upstream", `ws://localhost:${plain.webSocketPort}`);
    const open = async (url: string): Promise<never> => ({ socket: new WebSocket(url), encrypted: false }) as never;
    const client = await wsconnect({ servers: url, wsFactory: open });
    expect(await client.rtt()).toBeGreaterThanOrEqual(0);
    await client.close();
  });
});

describe("a slow reader of natswire tap", () => {
  it("holds the server back through TLS and a WebSocket, and loses nothing", async () => {
    const message = Buffer.from(`MSG foo 1 ${1 << 20}\r\n${"x".repeat(1 << 20)}\r\n`);
    const flood = createServer().listen(0, "127.0.0.1");
    await once(flood, "listening");
    const { port } = flood.address() as AddressInfo;
    const options = ["--listen", "wss://127.0.0.1:0", "--upstream", `nats://127.0.0.1:${port}`, "--verb", "PING"];
    const url = await start(...options, ...listenTls);
    const accepted = once(flood, "connection");
    const client = new WebSocket(url, { ca: ca.cert });
    const opened = once(client, "open");
    const [server] = (await accepted) as [Socket];
    await opened;
    client.pause();
    let sent = 0;
    for (let isTaken = true; isTaken && sent < 200; ) {
      sent++;
      if (!server.write(message)) {
        isTaken = await Promise.race([once(server, "drain").then(() => true), sleep(150).then(() => false)]);
      }
    }
    // Only what the buffers of the sockets hold.
    expect(sent).toBeLessThan(64);
    let received = 0;
    client.on("message", (part: Buffer) => {
      received += part.length;
    });
    client.resume();
    server.end();
    await once(client, "close");
    expect(received).toBe(sent * message.length);
    flood.close();
  });
});

describe("natswire tap on a unix socket", () => {
  it("serves a client, and refuses to be its own server", async () => {
    const path = join(folder, "tap.sock");
    await start("--listen", `unix:${path}`, "--upstream", `nats://localhost:${plain.port}`);
    await exchange(await connect(`unix:${path}`));
    expect((await runCli(["tap", "--listen", `unix:${path}`, "--upstream", `unix:${path}`])).code).toBe(2);
  });
});

describe("INFO through natswire tap", () => {
  it("names no other server, unless --keep-info says so", async () => {
    const cluster = await serveCluster(2);
    const urls = async (...args: string[]): Promise<unknown> => {
      const client = await connect(await start("--listen", "0", "--upstream", cluster.url, ...args));
      await client.flush();
      const { connect_urls } = client.info ?? {};
      await client.close();
      await tap.interrupt();
      return connect_urls;
    };
    expect(await urls()).toEqual([]);
    expect(await urls("--keep-info", "connect_urls")).toHaveLength(2);
    await cluster.close();
  });

  it("is kept back only while its line is incomplete", async () => {
    const { InfoRewriter } = await import("../src/tap/info-rewriter.ts");
    const info =
      'INFO {"client_id":18446744073709551615,"connect_urls":["[::1]:4222","b"],"note":"\\"connect_urls\\":[1]","nonce":"x"}\r\n';
    const stream = `${info}PING\r\nMSG INFO 1 9\r\n${"INFO {}\r\n"}\r\n${info}+OK\r\n`;
    const wanted = stream
      .replaceAll('"connect_urls":["[::1]:4222","b"]', '"connect_urls":[]')
      .replaceAll('INFO {"cl', 'INFO {"tls_required":true,"cl');
    for (let size = 1; size <= stream.length; size++) {
      const rewriter = new InfoRewriter({ hideServers: true, tls: true, noCompression: true });
      let passed = "";
      for (let at = 0; at < stream.length; at += size) {
        passed += Buffer.from(rewriter.rewrite(Buffer.from(stream.slice(at, at + size)))).toString();
      }
      expect(passed).toBe(wanted);
      expect(rewriter.rest.length).toBe(0);
    }
  });
});

describe("the options of natswire tap", () => {
  it("are refused if they do not fit together", async () => {
    const wrong = [
      [["--tlscert", "x"], "--tlscert and --tlskey are needed together"],
      [["--listen", "tls://127.0.0.1:1"], "tls:// needs --tlscert and --tlskey"],
      [["--upstream-tlsca", "x"], "certificates for the server need --upstream tls:// or wss://"],
      [["--tlsfirst"], "--tlsfirst needs --tlscert"],
      [["--upstream-tlsfirst"], "--upstream-tlsfirst needs --upstream tls://"],
      [["--keep-info", "nonce"], 'Unknown field "nonce"; the fields are connect_urls tls compression.'],
      [["--listen", "unix:/x", ...listenTls], "a unix socket does not use TLS"],
    ] as const;
    const results = await Promise.all(wrong.map(([args]) => runCli(["tap", ...args])));
    expect(results.map(({ code, errors }, i) => [code, errors.includes(wrong[i]![1])])).toEqual(
      wrong.map(() => [2, true]),
    );
  });

  it("have the names of the other commands, or more hyphens", () => {
    const values = (...args: string[]): object =>
      addTapOptions(new Command()).parse(args, { from: "user" }).opts<TapFlags>();
    const long = [
      "--tls-cert=a",
      "--tls-key=b",
      "--tls-first",
      "--upstream-ca=c",
      "--upstream-cert=d",
      "--upstream-key=e",
    ];
    const short = long.map((arg) => arg.replace(/tls-/, "tls").replace(/upstream-/, "upstream-tls"));
    expect(short[3]).toBe("--upstream-tlsca=c");
    expect(values(...long, "--upstream-tls-first")).toEqual(values(...short, "--upstream-tlsfirst"));
    expect(values(...short)).toMatchObject({ tlscert: "a", tlsfirst: true, upstreamTlskey: "e" });
  });
});
