// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import { startNatsServer } from "../../../tools/testkit/nats-server.ts";
import { type ByteStreams, type Connection, connectWith, type Dial, streamDial } from "../src/index.ts";

const to = { scheme: "tcp", host: "far", port: 1, path: undefined, serverName: "far" } as const;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function connected(dial: Dial, servers: string): Promise<Connection> {
  return closing(await connectWith(dial, { servers, reconnect: false }));
}

/** Two streams by hand, and what a transport over them reported. */
function ends(dialled: (streams: ByteStreams) => ByteStreams | Promise<ByteStreams> = (streams) => streams) {
  const [there, back] = [new TransformStream(), new TransformStream()];
  const said: string[] = [];
  let end: () => void;
  const closed = new Promise<void>((resolve) => {
    end = resolve;
  });
  const streams = { readable: back.readable, writable: there.writable, close: () => void said.push("let go") };
  const near = streamDial(() => dialled(streams))(to, {
    open: () => void said.push("open"),
    data: (chunk) => void said.push(`data ${new TextDecoder().decode(chunk)}`),
    written: (count) => void said.push(`written ${count}`),
    ready: () => void said.push("drain"),
    close(error) {
      said.push(`close ${error?.message ?? ""}`.trim());
      end();
    },
  });
  return { near, said, closed, reader: there.readable.getReader(), writer: back.writable.getWriter() };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("a transport over streams", () => {
  it("reports what is read, and ends with the stream", async () => {
    const { said, closed, writer } = ends();
    expect(said).toEqual([]);
    await writer.write(bytes("one"));
    await writer.write(bytes("two").buffer);
    await writer.close();
    await closed;
    expect(said).toEqual(["open", "data one", "data two", "let go", "close"]);
  });

  it("reads at most one chunk while it is paused", async () => {
    const { near, said, writer, closed } = ends();
    await turn();
    near.pause();
    await writer.write(bytes("one"));
    const second = writer.write(bytes("two"));
    await turn();
    expect(said).toEqual(["open"]);
    near.resume();
    await second;
    await turn();
    expect(said).toEqual(["open", "data one", "data two"]);
    near.abort();
    await closed;
  });

  it("writes copies, reports them as written, and reports full", async () => {
    const { near, said, reader, closed } = ends();
    await turn();
    const memory = new Uint8Array(65_536);
    expect(near.write(memory, false)).toBe(true);
    expect(near.write(memory.subarray(0, 1), false)).toBe(false);
    await turn();
    expect(said).toEqual(["open"]);
    memory.fill(7);
    expect((await reader.read()).value).toEqual(new Uint8Array(65_536));
    expect((await reader.read()).value).toEqual(new Uint8Array(1));
    await turn();
    expect(said).toEqual(["open", "written 65536", "drain", "written 1"]);
    near.abort();
    await closed;
  });

  it("writes everything before it closes, and reads no more", async () => {
    const { near, said, reader, writer, closed } = ends();
    await turn();
    near.write(bytes("last"), false);
    near.close();
    const words = writer.write(bytes("too late"));
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("last");
    expect((await reader.read()).done).toBe(true);
    await words;
    await writer.close();
    await closed;
    expect(said).toEqual(["open", "written 4", "let go", "close"]);
  });

  it("aborts after its grace if the peer does not close", async () => {
    const { near, said, closed } = ends();
    await turn();
    near.close(10);
    await closed;
    expect(said).toEqual(["open", "let go", "close"]);
  });

  it("reports the error that ended it, once", async () => {
    const refused = ends(() => Promise.reject(new Error("nobody there")));
    await refused.closed;
    const thrown = ends(() => {
      throw "no way";
    });
    await thrown.closed;
    const text = ends();
    await text.writer.write("PING\r\n");
    await text.closed;
    const broken = ends();
    await turn();
    await broken.writer.abort(new Error("broken"));
    await broken.closed;
    const upgraded = ends();
    await turn();
    upgraded.near.startTls?.();
    await upgraded.closed;
    await turn();
    expect([refused.said, thrown.said, text.said, broken.said, upgraded.said]).toEqual([
      ["close nobody there"],
      ["close no way"],
      ["open", "let go", "close the stream must give bytes, not a string"],
      ["open", "let go", "close broken"],
      ["open", "let go", "close streams cannot be upgraded to TLS; open secure ones"],
    ]);
  });

  it.each([
    ["throws", () => expect.unreachable("mine")],
    ["rejects", () => Promise.reject(new Error("mine"))],
  ])("ends even if the caller's close %s", async (_, close) => {
    const { near, said, closed } = ends((streams) => ({ ...streams, close }));
    await turn();
    near.abort();
    await closed;
    await turn();
    expect(said).toEqual(["open", "close"]);
  });

  it("releases streams that open too late", async () => {
    const { near, said, closed } = ends((streams) => turn().then(() => streams));
    near.close();
    await closed;
    await turn();
    await turn();
    expect(said).toEqual(["close", "let go"]);
  });
});

describe("a client over the web streams of a TCP socket", () => {
  it("works with nats-server: messages, large ones, requests, its end", async () => {
    const server = await startNatsServer("");
    const dial = streamDial(async ({ host, port }) => {
      const socket = connectTcp(port, host);
      await once(socket, "connect");
      return Duplex.toWeb(socket);
    });
    const client = await connected(dial, `nats://127.0.0.1:${server.port}`);
    const kept: Uint8Array[] = [];
    client.subscribe("foo", { callback: ({ payload }) => void kept.push(payload) });
    const sent = Array.from({ length: 2000 }, (_, i) => bytes(String(i % 10).repeat(i % 500 === 0 ? 1_000_000 : i)));
    for (const payload of sent) {
      client.publish("foo", payload);
      await client.ready();
    }
    await client.flush();
    expect(kept.length).toBe(2000);
    expect(kept.every((payload, i) => Buffer.compare(payload, sent[i]!) === 0)).toBe(true);
    expect(kept.every((payload) => Object.getPrototypeOf(payload) === Uint8Array.prototype)).toBe(true);
    client.subscribe("who", { callback: (message) => void message.respond("you") });
    expect((await client.request("who")).text()).toBe("you");
    await server.stop();
    expect(await client.closed).toMatchObject({ code: "LOST" });
    await expect(connected(dial, `nats://127.0.0.1:${server.port}`)).rejects.toMatchObject({ code: "REFUSED" });
  });
});

it("a client fails at once without TLS if the server requires it", async () => {
  const ended: string[] = [];
  const dial: Dial = (_, on) => {
    queueMicrotask(() => {
      on.open();
      on.data(bytes('INFO {"tls_required":true}\r\n'));
    });
    const end = (how: string) => (): void => void ended.push(how);
    return { write: () => true, pause() {}, resume() {}, close: end("close"), abort: end("abort") };
  };
  const failed = connectWith(dial, { servers: "nats://far", reconnect: false, timeout: 60_000 });
  await expect(failed).rejects.toMatchObject({
    code: "TLS",
    message: expect.stringMatching(/^TLS: \S+: this transport cannot be upgraded to TLS$/),
  });
  expect(ended).toEqual(["abort"]);
});
