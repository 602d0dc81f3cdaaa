// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { RawClient } from "../../testkit/raw-client.ts";
import { type RunningServer, type ServerSetup, serverKinds, startServer } from "../../testkit/servers.ts";

const quiet = 'CONNECT {"verbose":false}\r\n';
const KB = "x".repeat(1000);

describe.each(serverKinds)("the listener of %s", (kind) => {
  let server: RunningServer;
  const clients: RawClient[] = [];

  async function start(setup: ServerSetup = {}): Promise<void> {
    server = await startServer(kind, setup);
  }

  function open(): RawClient {
    const client = new RawClient(server.port);
    clients.push(client);
    return client;
  }

  async function connected(more = ""): Promise<RawClient> {
    const client = open();
    client.send(`${quiet}${more}PING\r\n`);
    await client.until("PONG\r\n");
    return client;
  }

  /** Publishes as fast as the server reads. */
  async function flood(publisher: RawClient, block: string, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      if (publisher.socket.write(block, "latin1")) continue;
      await new Promise<void>((resolve) => publisher.socket.once("drain", resolve));
    }
  }

  afterEach(async () => {
    for (const { tcp } of clients.splice(0)) tcp.destroy();
    await server.close();
  });

  it("loses nothing of a burst of 400,000 messages to a slow reader", async () => {
    await start();
    const [reader, publisher] = [await connected("SUB burst 1\r\n"), await connected()];
    let received = 0;
    reader.socket.removeAllListeners("data");
    const all = new Promise<void>((resolve) => {
      reader.socket.on("data", ({ length }) => {
        received += length;
        if (received >= 400_000 * (17 + 514)) return resolve();
        reader.socket.pause();
        setTimeout(() => reader.socket.resume(), 1);
      });
      void reader.closed.then(resolve);
    });
    await flood(publisher, `PUB burst 512\r\n${"x".repeat(512)}\r\n`.repeat(1000), 400);
    await all;
    // A PING may be among it.
    expect(received).toBeGreaterThanOrEqual(400_000 * (17 + 514));
  });

  it("closes a client that does not read, and no other", async () => {
    await start({ options: { maxPending: 4_000_000 }, config: 'max_pending: 4000000\nwrite_deadline: "1s"' });
    const [slow, reader] = [await connected("SUB big 1\r\n"), await connected("SUB big 1\r\nSUB other 2\r\n")];
    const [publisher, other] = [await connected(), await connected()];
    let received = 0;
    reader.socket.on("data", ({ length }) => {
      received += length;
    });
    slow.socket.pause();
    const message = `PUB big 100000\r\n${KB.repeat(100)}\r\n`;
    const flooding = flood(publisher, message, 300);
    for (let i = 0; i < 20; i++) {
      other.send("PUB other 0\r\n\r\nPING\r\n");
      await other.until("PONG\r\n");
    }
    await flooding;
    publisher.send("PING\r\n");
    await publisher.until("PONG\r\n");
    while (received < 300 * 100_000) await new Promise((resolve) => setTimeout(resolve, 10));
    slow.socket.resume();
    await slow.closed;
    expect(slow.received.length).toBeLessThan(300 * 100_000);
    expect(reader.tcp.destroyed).toBe(false);
  });

  it("accepts 3,000 clients at once by default, with credentials", async () => {
    // All of them wait at once.
    let waiting = 0;
    let admit = (): void => {};
    const admitted = new Promise<void>((resolve) => {
      admit = resolve;
    });
    await start({
      options: {
        authTimeout: 60_000,
        async authorize() {
          if (++waiting === 3000) admit();
          await admitted;
          return {};
        },
      },
      config: 'authorization { token: "t", timeout: 60 }',
    });
    const all = Array.from({ length: 3000 }, open);
    for (const client of all) client.send('CONNECT {"verbose":false,"auth_token":"t"}\r\nPING\r\n');
    const texts = await Promise.all(all.map((client) => client.until("PONG\r\n")));
    expect(texts.filter((text) => text.includes("-ERR"))).toEqual([]);
  });

  it("reads all that follows CONNECT while an authorizer runs", async () => {
    await start({
      options: { authorize: () => new Promise((resolve) => setTimeout(() => resolve({}), 100)) },
      config: 'authorization { token: "t" }',
    });
    const connect = 'CONNECT {"verbose":false,"auth_token":"t"}\r\n';
    const subscriber = open();
    subscriber.send(`${connect}SUB foo 1\r\nPING\r\n`);
    await subscriber.until("PONG\r\n");
    // Each ends its connection with the last byte.
    for (const count of [1, 50, 5000]) {
      open().socket.end(`${connect}${`PUB foo 1000\r\n${KB}\r\n`.repeat(count)}PUB foo 3\r\nend\r\n`);
      const text = await subscriber.until("MSG foo 1 3\r\nend\r\n");
      expect(text.split("MSG foo 1 1000\r\n").length - 1).toBe(count);
    }
  });

  it("starts the authentication timeout after the TLS handshake", async () => {
    const { server: certificate, ca } = makeCertificates();
    await start({
      tls: { server: certificate, ca },
      options: { authTimeout: 300, authorize: () => ({}) },
      config: 'authorization { token: "t", timeout: 0.3 }',
    });
    const client = open();
    await client.info();
    await new Promise((resolve) => setTimeout(resolve, 600));
    await client.startTls({ ca: ca.cert, servername: "localhost" });
    client.send('CONNECT {"verbose":false,"auth_token":"t"}\r\nPING\r\n');
    await client.until("PONG\r\n");
    const silent = open();
    await silent.info();
    await silent.startTls({ ca: ca.cert, servername: "localhost" });
    await silent.until("-ERR 'Authentication Timeout'\r\n");
  });
});
