// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Connection, type ConnectOptions, connect } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../../../tools/testkit/certificates.ts";
import { expectMonitored } from "../../../tools/testkit/monitored.ts";
import { endPrograms, Program } from "../../../tools/testkit/program.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";

const certificates: Certificates = makeCertificates();
const strangers: Certificates = makeCertificates();
const ca = certificates.ca.cert;
let bun: Program;
let ports: Record<"plain" | "required" | "first" | "strict" | "slow" | "monitored", number>;
let refusals: string[];
let monitor: string;

beforeAll(async () => {
  const { cert, key } = certificates.server;
  bun = Program.onSources("bun", new URL("program.ts", import.meta.url), { cert, key, ca });
  ({ ports, refusals, monitor } = (await bun.next()) as { ports: typeof ports; refusals: string[]; monitor: string });
});

afterAll(async () => {
  certificates.remove();
  strangers.remove();
  endPrograms();
});

async function during(options: ConnectOptions, what: (one: Connection) => Promise<void>): Promise<void> {
  const one = await connect({ reconnect: false, ...options });
  try {
    await what(one);
  } finally {
    await one.close();
  }
}

/** Publishes a small and a large message to itself, and receives both. */
async function talks(one: Connection): Promise<void> {
  const payloads = ["hello", "x".repeat(1_048_576)];
  const messages = one.subscribe("foo", { max: 2 });
  for (const payload of payloads) one.publish("foo", payload);
  const heard: string[] = [];
  for await (const message of messages) heard.push(message.text());
  expect(heard).toEqual(payloads);
}

const at = (port: number): string => `nats://127.0.0.1:${port}`;
const connections = async (one: Connection): Promise<number> => Number((await one.request("connections")).text());

describe("a server in Bun", () => {
  it("is monitored over HTTP", () =>
    during({ servers: at(ports.monitored), name: "app" }, () => expectMonitored(monitor, ports.monitored)));

  it("reads all that follows CONNECT while an authorizer runs", async () => {
    const subscriber = new RawClient(ports.slow);
    subscriber.send('CONNECT {"verbose":false}\r\nSUB foo 1\r\nPING\r\n');
    await subscriber.until("PONG\r\n");
    for (const count of [1, 500]) {
      const publisher = new RawClient(ports.slow);
      const many = `PUB foo 1000\r\n${"x".repeat(1000)}\r\n`.repeat(count);
      publisher.socket.end(`CONNECT {"verbose":false}\r\n${many}PUB foo 3\r\nend\r\n`);
      const text = await subscriber.until("MSG foo 1 3\r\nend\r\n");
      expect(text.split("MSG foo 1 1000\r\n").length - 1).toBe(count);
    }
    subscriber.tcp.destroy();
  });

  it("sends INFO, and answers a PING", async () => {
    const client = new RawClient(ports.plain);
    expect(await client.info()).toMatchObject({ max_payload: 1_048_576, client_ip: "127.0.0.1" });
    client.send('CONNECT {"verbose":false}\r\nPING\r\n');
    await client.until("PONG\r\n");
    client.send("NONSENSE\r\n");
    await client.until("-ERR 'Unknown Protocol Operation'\r\n");
    await client.closed;
  });

  it("carries messages", () => during({ servers: at(ports.plain) }, talks));

  it("keeps what a client has not read yet, and loses nothing", () =>
    during({ servers: at(ports.plain) }, async (one) => {
      const client = new RawClient(ports.plain);
      await client.info();
      client.send('CONNECT {"verbose":false}\r\nSUB big 1\r\nPING\r\n');
      await client.until("PONG\r\n");
      client.socket.pause();
      // More than the system takes at once, and less than a client may have waiting.
      const payloads = Array.from({ length: 7 }, (_, i) => String(i % 10).repeat(1_048_576));
      for (const payload of payloads) if (!one.publish("big", payload)) await one.ready();
      await one.flush();
      client.socket.resume();
      client.send("PING\r\n");
      const heard = await client.until("PONG\r\n");
      const wanted = payloads.map((payload) => `MSG big 1 1048576\r\n${payload}\r\n`).join("");
      expect(heard === `${wanted}PONG\r\n`).toBe(true);
      client.socket.destroy();
      while ((await connections(one)) > 1);
    }));

  it("forgets a client that resets or ends in mid-frame", () =>
    during({ servers: at(ports.plain) }, async (one) => {
      const [reset, ended] = [new RawClient(ports.plain), new RawClient(ports.plain)];
      for (const client of [reset, ended]) {
        await client.info();
        client.send("CONNECT {}\r\nPING\r\nPUB foo 500\r\nhal");
        await client.until("PONG\r\n");
      }
      expect(await connections(one)).toBe(3);
      reset.tcp.resetAndDestroy();
      ended.socket.end();
      await ended.closed;
      while ((await connections(one)) > 1);
    }));
});

describe("a server in Bun with TLS", () => {
  it("carries messages with TLS after INFO", () => during({ servers: at(ports.required), tls: { ca } }, talks));

  it("carries messages with TLS from the first byte", () =>
    during({ servers: at(ports.first), tls: { ca, handshakeFirst: true } }, talks));

  it("accepts trusted client certificates only", async () => {
    const servers = at(ports.strict);
    await during({ servers, tls: { ca, ...certificates.client } }, talks);
    for (const own of [{}, strangers.client])
      await expect(connect({ servers, reconnect: false, tls: { ca, ...own } })).rejects.toThrow();
  });

  it("rejects plain text", async () => {
    for (const port of [ports.required, ports.first]) {
      const client = new RawClient(port);
      client.send('CONNECT {"verbose":false}\r\nPING\r\n');
      await client.closed;
      expect(client.received).not.toContain("PONG");
    }
  });

  it("reports each TLS handshake that fails, with address and reason", () =>
    during({ servers: at(ports.plain) }, async (one) => {
      const failures = async (): Promise<string> => (await one.request("failures")).text();
      await failures();
      for (const port of [ports.required, ports.first, ports.strict]) {
        const client = new RawClient(port);
        // In `strict`, a client that sends nothing takes too long.
        if (port !== ports.strict) client.send("PING\r\n");
        await client.closed;
        let text = "";
        while (text === "") text = await failures();
        expect(text).toMatch(/^127\.0\.0\.1 TLS handshake failed: \w.*$/);
        expect(text.endsWith("it took longer than 200 ms")).toBe(port === ports.strict);
      }
    }));

  it("disconnects a client whose handshake takes too long", async () => {
    const client = new RawClient(ports.strict);
    await client.info();
    await client.closed;
  });

  it("rejects invalid certificates, tls.when: available, and a port in use", () => {
    expect(refusals).toEqual([
      expect.stringContaining('not "available"'),
      expect.stringMatching(/^tls\.key must be a private key in PEM, .*NO_START_LINE/),
      expect.stringMatching(/^tls\.key must be the key of tls\.cert: .*MISMATCH/),
      `EADDRINUSE cannot listen on 127.0.0.1:${ports.plain}: the port is in use (EADDRINUSE): choose another one, or 0 for a free port`,
    ]);
  });
});

it("a program in Bun ends after its servers are closed", async () => {
  const late = connectTcp(ports.required, "127.0.0.1")
    .on("error", () => {})
    .resume();
  const client = await connect({ servers: at(ports.plain), reconnect: false });
  const secure = connectTls({ port: ports.first, host: "127.0.0.1", ca })
    .on("error", () => {})
    .resume();
  await once(secure, "secureConnect");
  bun.endInput();
  expect(await bun.ended).toBe(0);
  await client.close();
  late.destroy();
  secure.destroy();
});
