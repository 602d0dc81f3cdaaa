// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { connect, type DialOptions, type dial, dialWith, type WebSocketLike } from "../src/index.ts";
import { countingSocket } from "./w3c-socket.ts";

let server: WebSocketServer;
beforeEach(async () => {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
});
afterEach(() => {
  for (const one of server.clients) one.terminate();
  server.close();
});

const factories = [
  ["of the W3C", countingSocket],
  ["of the package ws", (url: string): WebSocketLike => new WebSocket(url)],
] as const;

/** A transport and all it reported, with the server's end. */
class Ends {
  readonly said: string[] = [];
  written = 0;
  drained = 0;
  readonly closes: (string | undefined)[] = [];
  readonly chunks: Uint8Array[] = [];
  near!: ReturnType<typeof dial>;
  far!: WebSocket;
  closed!: Promise<void>;
  farClosed!: Promise<unknown>;

  static async open(options: DialOptions): Promise<Ends> {
    const ends = new Ends();
    const { port } = server.address() as AddressInfo;
    const to = { scheme: "ws", host: "127.0.0.1", port, path: undefined, serverName: "127.0.0.1" } as const;
    ends.closed = new Promise((resolve) => {
      ends.near = dialWith(options)(to, {
        open: () => void ends.said.push("open"),
        data: (chunk) => void ends.chunks.push(chunk),
        written: (bytes) => {
          ends.written += bytes;
        },
        ready: () => {
          ends.drained++;
        },
        close(error) {
          ends.closes.push(error?.message);
          resolve();
        },
      });
    });
    await ends.until(() => ends.said.length === 1 && server.clients.size === 1);
    ends.far = [...server.clients][0]!;
    ends.farClosed = once(ends.far, "close");
    return ends;
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  get heard(): string {
    return Buffer.concat(this.chunks).toString();
  }
}

describe.each(factories)("a transport over a WebSocket %s", (_, factory) => {
  it("reports binary messages, each with memory of its own", async () => {
    const ends = await Ends.open({ factory });
    for (const text of ["IN", "", "FO {}\r\nPING\r\n"]) ends.far.send(Buffer.from(text));
    await ends.until(() => ends.heard.length === 15);
    expect(ends.heard).toBe("INFO {}\r\nPING\r\n");
    expect(ends.chunks.every((chunk) => Object.getPrototypeOf(chunk) === Uint8Array.prototype)).toBe(true);
  });

  it("rejects a text message, and reads nothing after it", async () => {
    const ends = await Ends.open({ factory });
    ends.far.send(Buffer.from("PING\r\n"));
    ends.far.send("PING\r\n");
    ends.far.send(Buffer.from("PING\r\n"));
    await ends.closed;
    await ends.farClosed;
    expect(ends.heard).toBe("PING\r\n");
    expect(ends.closes).toEqual(["the server sent a text message; NATS over WebSocket is binary"]);
  });

  it("reports bytes as written, full, and ready", async () => {
    const ends = await Ends.open({ factory });
    ends.far.pause();
    const bytes = new Uint8Array(400_000);
    let given = 0;
    while (ends.near.write(bytes, false)) given += bytes.length;
    // More than any socket takes from a reader that reads nothing.
    for (let i = 0; i < 50; i++) ends.near.write(bytes, true);
    given += 51 * bytes.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ends.written).toBeLessThan(given);
    expect(ends.drained).toBe(0);
    const sizes: number[] = [];
    ends.far.on("message", (message: Buffer) => sizes.push(message.length));
    ends.far.resume();
    await ends.until(() => ends.written === given && ends.drained === 1);
    await ends.until(() => sizes.reduce((sum, size) => sum + size, 0) === given);
    expect(Math.max(...sizes)).toBe(262_144);
  });

  it("writes everything before it closes, and reads no more", async () => {
    const ends = await Ends.open({ factory });
    let heard = 0;
    ends.far.on("message", (message: Buffer) => {
      heard += message.length;
      ends.far.send(Buffer.from("x"));
    });
    for (let i = 0; i < 20; i++) ends.near.write(new Uint8Array(100_000), false);
    ends.near.close();
    ends.near.close();
    await ends.closed;
    await ends.farClosed;
    expect([heard, ends.heard, ends.closes]).toEqual([2_000_000, "", [undefined]]);
  });

  it("aborts after its grace if the peer does not close", async () => {
    const ends = await Ends.open({ factory });
    ends.far.pause();
    ends.near.close(20);
    await ends.closed;
    expect(ends.closes).toEqual([undefined]);
  });

  it("aborts at once, reported once", async () => {
    const ends = await Ends.open({ factory });
    ends.near.abort();
    ends.near.abort();
    expect(ends.closes).toEqual([]);
    await ends.closed;
    await ends.farClosed;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ends.closes).toEqual([undefined]);
    expect(ends.near.write(new Uint8Array(1), false)).toBe(true);
  });

  it("reports how it ended after all that was received", async () => {
    const ends = await Ends.open({ factory });
    ends.near.pause();
    ends.far.send(Buffer.from("one"));
    ends.far.send(Buffer.from("two"));
    ends.far.close(1001, "going away");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([ends.heard, ends.closes]).toEqual(["", []]);
    ends.near.resume();
    await ends.closed;
    expect([ends.heard, ends.closes]).toEqual(["onetwo", ["the WebSocket was closed with code 1001: going away"]]);
  });

  it("cannot be upgraded to TLS", async () => {
    const ends = await Ends.open({ factory });
    ends.near.startTls?.();
    await ends.closed;
    expect(ends.closes).toEqual(["a WebSocket cannot be upgraded to TLS; use wss://"]);
  });
});

it("a factory may return an open WebSocket, not a closed one", async () => {
  const { port } = server.address() as AddressInfo;
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(socket, "open");
  const ends = await Ends.open({ factory: () => socket });
  ends.far.send(Buffer.from("PING\r\n"));
  await ends.until(() => ends.heard === "PING\r\n");
  socket.close();
  await ends.closed;
  const again = connect({ servers: "ws://ready.example", factory: () => socket });
  await expect(again).rejects.toThrow("the factory returned a closed WebSocket");
});

it("a WebSocket without pause is closed above maxWaiting", async () => {
  const ends = await Ends.open({ factory: countingSocket, maxWaiting: 10 });
  ends.near.pause();
  ends.far.send(Buffer.from("12345"));
  ends.far.send(Buffer.from("12345"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ends.closes).toEqual([]);
  ends.far.send(Buffer.from("1"));
  await ends.closed;
  expect([ends.heard, ends.closes]).toEqual(["", ["more than 10 bytes wait to be read (maxWaiting)"]]);
});

it("a server that sends text messages is rejected", async () => {
  server.on("connection", (far) => far.send('INFO {"headers":true}\r\n'));
  const { port } = server.address() as AddressInfo;
  const refused = connect({ servers: `ws://127.0.0.1:${port}`, factory: (url) => new WebSocket(url) });
  await expect(refused).rejects.toThrow("the server sent a text message");
});
