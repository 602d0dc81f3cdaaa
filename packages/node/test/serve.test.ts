// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { listen, type Server, serve } from "../src/index.ts";

let server: Server;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = await serve({ maxPending: 4_000_000 });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

/** A raw client that is closed after the test. */
class Client extends RawClient {
  constructor(port = server.port) {
    super(port);
    sockets.push(this.socket);
  }
}

const quiet = 'CONNECT {"verbose":false}\r\n';

describe("a server on a Node socket", () => {
  it("reports its address", () => {
    expect(server.url).toBe(`nats://127.0.0.1:${server.port}`);
  });

  it("closes a listener at once, and keeps its connections", async () => {
    const door = await server.listen(listen);
    const client = new Client(door.port);
    await client.until("\r\n");
    await door.close();
    client.send(`${quiet}PING\r\n`);
    await client.until("PONG\r\n");
  });

  it("carries messages between clients", async () => {
    const [publisher, subscriber] = [new Client(), new Client()];
    subscriber.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await subscriber.until("PONG\r\n");
    publisher.send(`${quiet}PUB foo 5\r\nhello\r\n`);
    await subscriber.until("MSG foo 1 5\r\nhello\r\n");
    expect(server.stats).toMatchObject({ connections: 2, published: 1, delivered: 1 });
  });

  it("reads a client that writes byte by byte", async () => {
    const client = new Client();
    for (const byte of `${quiet}SUB foo 1\r\nPUB foo 2\r\nok\r\n`) {
      client.send(byte);
      await new Promise(setImmediate);
    }
    await client.until("MSG foo 1 2\r\nok\r\n");
  });

  it("keeps order and content of messages of many sizes", async () => {
    const client = new Client();
    client.send(`${quiet}SUB foo 1\r\n`);
    let expected = "";
    for (let i = 0; i < 2000; i++) {
      const payload = String(i % 10).repeat([0, 5, 300, 9000][i % 4]!);
      client.send(`PUB foo ${payload.length}\r\n${payload}\r\n`);
      expected += `MSG foo 1 ${payload.length}\r\n${payload}\r\n`;
      if (i % 50 === 0) await new Promise(setImmediate);
    }
    client.send("PING\r\n");
    await client.until("INFO ");
    await client.until("\r\n");
    while (client.received.length < expected.length + 6) await once(client.socket, "data");
    expect(client.received === `${expected}PONG\r\n`).toBe(true);
  });

  it("sends the error before it closes, even to a busy client", async () => {
    const client = new Client();
    await client.until("INFO ");
    client.send(`X${"y".repeat(100_000)}`);
    await client.until("-ERR 'Unknown Protocol Operation'\r\n");
    await client.closed;
    while (server.stats.connections > 0) await new Promise(setImmediate);
  });

  it("survives clients that reset, half close, or end in mid-frame", async () => {
    const [reset, half, cut, good] = [new Client(), new Client(), new Client(), new Client()];
    await Promise.all([reset, half, cut, good].map((client) => client.until("INFO ")));
    reset.socket.resetAndDestroy();
    half.socket.end("PING\r\n");
    cut.send("PUB foo 100\r\nhalf");
    cut.socket.destroy();
    await Promise.all([reset.closed, half.closed, cut.closed]);
    good.send(`${quiet}PING\r\n`);
    await good.until("PONG\r\n");
  });

  it("closes a slow consumer and no other client", async () => {
    const [slow, busy] = [new Client(), new Client()];
    slow.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await slow.until("PONG\r\n");
    slow.socket.pause();
    const message = `PUB foo 60000\r\n${"x".repeat(60_000)}\r\n`;
    busy.send(quiet);
    while (server.stats.slow === 0) {
      busy.send(`${message}PING\r\n`);
      await busy.until("PONG\r\n");
    }
    expect(server.stats).toMatchObject({ slow: 1 });
    busy.send("PING\r\n");
    await busy.until("PONG\r\n");
  });

  it("closes after sending what is queued for its clients", async () => {
    const client = new Client();
    client.send(`${quiet}SUB foo 1\r\nPUB foo 2\r\nok\r\n`);
    await client.until("MSG foo 1 2\r\nok\r\n");
    await server.close();
    await client.closed;
    await expect(once(connect(server.port, "127.0.0.1"), "connect")).rejects.toThrow("ECONNREFUSED");
  });

  it("closes at once a connection that it does not read", async () => {
    const client = new Client();
    client.send(`${quiet}PING\r\n`);
    await client.until("PONG\r\n");
    server.connections[0]!.stopReading();
    client.send("PING\r\n");
    // Longer than the test may take.
    await server.close(600_000);
    await client.closed;
  });

  it("closes by its deadline if a client does not read", async () => {
    const [deaf, busy] = [new Client(), new Client()];
    deaf.send(`${quiet}SUB foo 1\r\nPING\r\n`);
    await deaf.until("PONG\r\n");
    deaf.socket.pause();
    busy.send(`${quiet}${`PUB foo 60000\r\n${"x".repeat(60_000)}\r\n`.repeat(60)}PING\r\n`);
    await busy.until("PONG\r\n");
    await server.close(50);
    expect(server.stats).toMatchObject({ connections: 0, slow: 0 });
  });

  it("suggests an option of its own", async () => {
    await expect(serve({ tsl: {} } as object)).rejects.toThrow('unknown option "tsl"; did you mean "tls"?');
  });

  it("lets 2,000 clients connect before it accepts the first", async () => {
    const connected = new Int32Array(new SharedArrayBuffer(4));
    const code = `
      const { port, connected } = require("node:worker_threads").workerData;
      const sockets = Array.from({ length: 2000 }, () => require("node:net").connect(port, "127.0.0.1"));
      for (const socket of sockets) {
        socket.on("error", () => {});
        socket.on("connect", () => {
          Atomics.add(connected, 0, 1);
          Atomics.notify(connected, 0);
        });
      }`;
    const worker = new Worker(code, { eval: true, workerData: { port: server.port, connected } });
    // This thread accepts none meanwhile.
    for (let count = 0; count < 2000; count = Atomics.load(connected, 0)) {
      if (Atomics.wait(connected, 0, count, 20_000) === "timed-out") break;
    }
    const count = Atomics.load(connected, 0);
    await worker.terminate();
    expect(count).toBe(2000);
  });

  it("rejects a port in use", async () => {
    await expect(serve({ port: server.port })).rejects.toThrow("EADDRINUSE");
  });

  it("closes when it is disposed of", async () => {
    const other = await serve();
    await other[Symbol.asyncDispose]();
    await expect(once(connect(other.port, "127.0.0.1"), "connect")).rejects.toThrow("ECONNREFUSED");
  });
});

describe("a server with an authorizer", () => {
  it("waits for a slow authorizer, and denies if it throws", async () => {
    await server.close();
    server = await serve({
      authorize: async ({ name }) => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        if (name === "broken") throw new Error("the directory is down");
        return name === "ann" ? {} : undefined;
      },
    });
    const ann = new Client();
    ann.send('CONNECT {"name":"ann","verbose":false}\r\nPING\r\n');
    await ann.until("PONG\r\n");
    for (const name of ["bob", "broken"]) {
      const client = new Client();
      client.send(`CONNECT {"name":"${name}"}\r\nPING\r\n`);
      await client.until("-ERR 'Authorization Violation'\r\n");
      await client.closed;
    }
  });
});

describe("a server in lame duck mode", () => {
  it("sends its clients elsewhere, and ends after the last", async () => {
    const clients = [new Client(), new Client()];
    for (const client of clients) {
      client.send('CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n');
      await client.until("PONG\r\n");
    }
    server.advertise(["127.0.0.1:9", "nats://127.0.0.1:10"]);
    for (const client of clients) await client.until('"connect_urls":["127.0.0.1:9","127.0.0.1:10"]');
    const gone = server.lameDuck(20, 20);
    for (const client of clients) await client.until('"ldm":true');
    await Promise.all([gone, ...clients.map(({ closed }) => closed)]);
    expect(server.stats.connections).toBe(0);
    await expect(
      new Promise((resolve, reject) => connect(server.port).once("connect", resolve).once("error", reject)),
    ).rejects.toThrow("ECONNREFUSED");
  });
});

describe("a rejected client", () => {
  it("loses its socket, however much it sends", async () => {
    await server.close();
    server = await serve({ authorize: () => undefined });
    const client = new Client();
    client.send('CONNECT {"verbose":false}\r\n');
    await client.until("-ERR 'Authorization Violation'\r\n");
    const chatter = setInterval(() => client.socket.write("x"), 100);
    await client.closed;
    clearInterval(chatter);
    while (server.stats.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it("receives what was queued within the deadline of close", async () => {
    const client = new Client();
    client.send(`${quiet}SUB big 1\r\nPING\r\n`);
    await client.until("PONG\r\n");
    client.socket.pause();
    const publisher = new Client();
    publisher.send(`${quiet}${`PUB big 100000\r\n${"x".repeat(100_000)}\r\n`.repeat(30)}PING\r\n`);
    await publisher.until("PONG\r\n");
    const closed = server.close(20_000);
    // Longer than a refused client would get.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    client.socket.resume();
    await closed;
    await client.closed;
    expect(client.received.match(/MSG big 1 100000\r\n/g)?.length).toBe(30);
  });
});
