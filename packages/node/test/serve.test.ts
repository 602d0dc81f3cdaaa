// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

/** A raw client that keeps what it heard. */
class Client {
  heard = "";
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #look: () => void = () => {};

  constructor(port = server.port) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("data", (data) => {
      this.heard += data.toString("latin1");
      this.#look();
    });
    this.closed = once(this.socket, "close");
    sockets.push(this.socket);
  }

  say(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** Waits until it was heard, and forgets all up to there. */
  hear(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => {
        const at = this.heard.indexOf(text);
        if (at < 0) return;
        this.heard = this.heard.slice(at + text.length);
        this.#look = () => {};
        resolve();
      };
      this.#look();
    });
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
    await client.hear("\r\n");
    await door.close();
    client.say(`${quiet}PING\r\n`);
    await client.hear("PONG\r\n");
  });

  it("carries messages between clients", async () => {
    const [publisher, subscriber] = [new Client(), new Client()];
    subscriber.say(`${quiet}SUB foo 1\r\nPING\r\n`);
    await subscriber.hear("PONG\r\n");
    publisher.say(`${quiet}PUB foo 5\r\nhello\r\n`);
    await subscriber.hear("MSG foo 1 5\r\nhello\r\n");
    expect(server.stats).toMatchObject({ connections: 2, published: 1, delivered: 1 });
  });

  it("reads a client that writes byte by byte", async () => {
    const client = new Client();
    for (const byte of `${quiet}SUB foo 1\r\nPUB foo 2\r\nok\r\n`) {
      client.say(byte);
      await new Promise(setImmediate);
    }
    await client.hear("MSG foo 1 2\r\nok\r\n");
  });

  it("keeps order and content of messages of many sizes", async () => {
    const client = new Client();
    client.say(`${quiet}SUB foo 1\r\n`);
    let expected = "";
    for (let i = 0; i < 2000; i++) {
      const payload = String(i % 10).repeat([0, 5, 300, 9000][i % 4]!);
      client.say(`PUB foo ${payload.length}\r\n${payload}\r\n`);
      expected += `MSG foo 1 ${payload.length}\r\n${payload}\r\n`;
      if (i % 50 === 0) await new Promise(setImmediate);
    }
    client.say("PING\r\n");
    await client.hear("INFO ");
    await client.hear("\r\n");
    while (client.heard.length < expected.length + 6) await once(client.socket, "data");
    expect(client.heard === `${expected}PONG\r\n`).toBe(true);
  });

  it("sends the error before it closes, even to a busy client", async () => {
    const client = new Client();
    await client.hear("INFO ");
    client.say(`X${"y".repeat(100_000)}`);
    await client.hear("-ERR 'Unknown Protocol Operation'\r\n");
    await client.closed;
    while (server.stats.connections > 0) await new Promise(setImmediate);
  });

  it("survives clients that reset, half close, or end in mid-frame", async () => {
    const [reset, half, cut, good] = [new Client(), new Client(), new Client(), new Client()];
    await Promise.all([reset, half, cut, good].map((client) => client.hear("INFO ")));
    reset.socket.resetAndDestroy();
    half.socket.end("PING\r\n");
    cut.say("PUB foo 100\r\nhalf");
    cut.socket.destroy();
    await Promise.all([reset.closed, half.closed, cut.closed]);
    good.say(`${quiet}PING\r\n`);
    await good.hear("PONG\r\n");
  });

  it("closes a slow consumer, and nobody else", async () => {
    const [slow, busy] = [new Client(), new Client()];
    slow.say(`${quiet}SUB foo 1\r\nPING\r\n`);
    await slow.hear("PONG\r\n");
    slow.socket.pause();
    const message = `PUB foo 60000\r\n${"x".repeat(60_000)}\r\n`;
    busy.say(quiet);
    while (server.stats.slow === 0) {
      busy.say(`${message}PING\r\n`);
      await busy.hear("PONG\r\n");
    }
    expect(server.stats).toMatchObject({ slow: 1 });
    busy.say("PING\r\n");
    await busy.hear("PONG\r\n");
  });

  it("closes after sending what is queued for its clients", async () => {
    const client = new Client();
    client.say(`${quiet}SUB foo 1\r\nPUB foo 2\r\nok\r\n`);
    await client.hear("MSG foo 1 2\r\nok\r\n");
    await server.close();
    await client.closed;
    await expect(once(connect(server.port, "127.0.0.1"), "connect")).rejects.toThrow("ECONNREFUSED");
  });

  it("closes at once a connection that it does not read", async () => {
    const client = new Client();
    client.say(`${quiet}PING\r\n`);
    await client.hear("PONG\r\n");
    server.connections[0]!.stopReading();
    client.say("PING\r\n");
    // Longer than the test may take.
    await server.close(600_000);
    await client.closed;
  });

  it("closes by its deadline if a client does not read", async () => {
    const [deaf, busy] = [new Client(), new Client()];
    deaf.say(`${quiet}SUB foo 1\r\nPING\r\n`);
    await deaf.hear("PONG\r\n");
    deaf.socket.pause();
    busy.say(`${quiet}${`PUB foo 60000\r\n${"x".repeat(60_000)}\r\n`.repeat(60)}PING\r\n`);
    await busy.hear("PONG\r\n");
    await server.close(50);
    expect(server.stats).toMatchObject({ connections: 0, slow: 0 });
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
    ann.say('CONNECT {"name":"ann","verbose":false}\r\nPING\r\n');
    await ann.hear("PONG\r\n");
    for (const name of ["bob", "broken"]) {
      const client = new Client();
      client.say(`CONNECT {"name":"${name}"}\r\nPING\r\n`);
      await client.hear("-ERR 'Authorization Violation'\r\n");
      await client.closed;
    }
  });
});

describe("a server in lame duck mode", () => {
  it("sends its clients elsewhere, and ends after the last", async () => {
    const clients = [new Client(), new Client()];
    for (const client of clients) {
      client.say('CONNECT {"verbose":false,"protocol":1}\r\nPING\r\n');
      await client.hear("PONG\r\n");
    }
    server.advertise(["127.0.0.1:9", "nats://127.0.0.1:10"]);
    for (const client of clients) await client.hear('"connect_urls":["127.0.0.1:9","127.0.0.1:10"]');
    const gone = server.lameDuck(20, 20);
    for (const client of clients) await client.hear('"ldm":true');
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
    client.say('CONNECT {"verbose":false}\r\n');
    await client.hear("-ERR 'Authorization Violation'\r\n");
    const chatter = setInterval(() => client.socket.write("x"), 100);
    await client.closed;
    clearInterval(chatter);
    while (server.stats.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it("receives what was queued within the deadline of close", async () => {
    const client = new Client();
    client.say(`${quiet}SUB big 1\r\nPING\r\n`);
    await client.hear("PONG\r\n");
    client.socket.pause();
    const publisher = new Client();
    publisher.say(`${quiet}${`PUB big 100000\r\n${"x".repeat(100_000)}\r\n`.repeat(30)}PING\r\n`);
    await publisher.hear("PONG\r\n");
    const closed = server.close(20_000);
    // Longer than a refused client would get.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    client.socket.resume();
    await closed;
    await client.closed;
    expect(client.heard.match(/MSG big 1 100000\r\n/g)?.length).toBe(30);
  });
});
