// SPDX-License-Identifier: Apache-2.0
import type { Message } from "@natswire/io";
import { check, checkPayload, equal, payloadOf, withConnection } from "./checks.ts";
import type { Cases, ControlledProxy, Environment } from "./environment.ts";
import { quiet, type Report, textOf, Wire } from "./wire.ts";

const SIZE = 65_536;
const FRAMES = 40;
// Frames of a connection that takes everything: 32 MiB.
const MOST = 512;
const CRLF = "\r\n";
const PUB = new TextEncoder().encode(`PUB rules ${SIZE}\r\n`);

/** The rules of a transport, checked without a client: those of docs/transports.md, and of the docstrings of `Transport`. */
export const transport: Cases = {
  "transport: reports open once, after dial has returned": async (on) => {
    const wire = await Wire.open(on, on.url);
    equal(wire.reports[0]?.what, "open");
    wire.close();
    await wire.ended();
  },

  "transport: reports the end once, and nothing after it": async (on) => {
    const wire = await Wire.open(on, on.url);
    wire.send("BOGUS\r\n");
    await wire.ended();
    check(wire.received.includes("-ERR "), "what the server sent last is reported first");
  },

  "transport: reports a reset with an error": async (on) => {
    const proxy = await on.openProxy();
    const wire = await Wire.open(on, proxy.url);
    await proxy.reset();
    const error = await wire.ended();
    check(error instanceof Error && error.message !== "", "close gets an Error with a message");
  },

  "transport: reports a refused connection with an error": async (on) => {
    const wire = new Wire(on, on.closed);
    const error = await wire.ended();
    check(error instanceof Error && error.message !== "", "close gets an Error with a message");
    equal(wire.count("open"), 0);
  },

  "transport: stops reading at pause(), and loses nothing": async (on) => {
    const wire = await Wire.open(on, on.url);
    wire.send("SUB paused 1\r\n");
    await wire.ping();
    wire.call("pause");
    const before = wire.count("data");
    await withConnection(on, async (one) => {
      for (let i = 0; i < FRAMES; i++) one.publish("paused", payloadOf(i, SIZE));
      await one.flush();
    });
    await quiet();
    check(wire.count("data") <= before + 1, "at most one chunk arrives after pause()");
    const head = `MSG paused 1 ${SIZE}\r\n`;
    const length = (head.length + SIZE + 2) * FRAMES;
    const begin = wire.received.indexOf("MSG ");
    const from = begin < 0 ? wire.received.length : begin;
    wire.call("resume");
    await wire.until("every message after resume()", () => wire.received.length >= from + length);
    for (let i = 0; i < FRAMES; i++) {
      const at = from + (head.length + SIZE + 2) * i;
      equal(wire.received.slice(at, at + head.length), head);
      checkPayload(bytesOf(wire.received.slice(at + head.length, at + head.length + SIZE)), i, SIZE);
    }
    wire.close();
    await wire.ended();
  },

  "transport: returns false if 64 KiB wait, and reports ready": async (on) => {
    const [proxy, wire] = await held(on);
    check(fill(wire) < MOST, "write() returns false while the peer does not read");
    check(wire.count("ready") === 0, "ready() is reported after the peer has read");
    await proxy.release();
    await wire.until("ready()", () => wire.count("ready") > 0 || wire.count("close") > 0);
    check(wire.count("ready") > 0, "ready() is reported");
    wire.call("abort");
    await wire.ended();
  },

  "transport: reports every byte as written, once": async (on) => {
    const [proxy, wire] = await held(on);
    for (let i = 0; i < FRAMES; i++) publish(wire, payloadOf(i, SIZE));
    await proxy.release();
    await wire.ping();
    await wire.until("the report of every byte as written", () => wire.written >= wire.sent);
    equal(wire.written, wire.sent);
    wire.close();
    await wire.ended();
  },

  "transport: does not read memory that it reported as written": (on) =>
    withConnection(on, async (one) => {
      const messages = one.subscribe("rules", { max: FRAMES });
      await one.flush();
      const [proxy, wire] = await held(on);
      const before = wire.written;
      const sent: (readonly [bytes: Uint8Array, end: number])[] = [];
      wire.onReport = () => {
        // What is released may be used again: here it becomes something else.
        while (sent[0] !== undefined && wire.written - before >= sent[0][1]) sent.shift()![0].fill(0x78);
      };
      let end = 0;
      for (let i = 0; i < FRAMES; i++) {
        const payload = payloadOf(i, SIZE);
        end += PUB.length + SIZE;
        sent.push([payload, end]);
        end += CRLF.length;
        publish(wire, payload);
      }
      await proxy.release();
      let count = 0;
      for await (const { payload } of messages) checkPayload(payload, count++, SIZE);
      wire.close();
      await wire.ended();
    }),

  "transport: never changes a chunk that it has reported": async (on) => {
    const wire = await Wire.open(on, on.url);
    wire.send("SUB echo 1\r\n");
    for (let i = 0; i < FRAMES; i++) {
      wire.send(`PUB echo ${1000 + i}\r\n`);
      wire.send(payloadOf(i, 1000 + i));
      wire.send("\r\n");
      await wire.ping();
    }
    for (const report of wire.reports) {
      if (report.what === "data") check(textOf(report.chunk) === report.text, "a chunk keeps its bytes");
    }
    wire.close();
    await wire.ended();
  },

  "transport: sends what was written before close()": (on) =>
    withConnection(on, async (one) => {
      let received = 0;
      const callback = ({ payload }: Message): void => {
        checkPayload(payload, 0, SIZE);
        received++;
      };
      one.subscribe("rules", { callback });
      await one.flush();
      const [proxy, wire] = await held(on);
      // More than the system takes at once.
      const count = fill(wire);
      wire.close(5000);
      await proxy.release();
      await wire.ended();
      await one.flush();
      equal(received, count);
    }),

  "transport: reports no data after close()": (on) => ends(on, (wire) => wire.close()),

  "transport: reports no data after abort()": (on) => ends(on, (wire) => wire.call("abort")),

  "transport: ends after the grace of close() if the peer does not read": async (on) => {
    const [, wire] = await held(on);
    for (let i = 0; i < FRAMES; i++) publish(wire, payloadOf(i, SIZE));
    wire.close(50);
    await wire.ended();
  },

  "transport: closes the connection at abort()": async (on) => {
    const proxy = await on.openProxy();
    const wire = await Wire.open(on, proxy.url);
    wire.call("abort");
    await wire.ended();
    check(await proxy.isLeft(), "the socket is closed");
  },

  "transport: closes the connection at close()": async (on) => {
    const proxy = await on.openProxy();
    const wire = await Wire.open(on, proxy.url);
    wire.close();
    await wire.ended();
    check(await proxy.isLeft(), "the socket is closed");
  },

  "transport: can be aborted while it connects": async (on) => {
    const wire = new Wire(on, on.url);
    wire.call("abort");
    await wire.ended();
    equal(
      wire.reports.map(({ what }) => what),
      ["close"],
    );
  },

  "transport: can be closed while it connects": async (on) => {
    const wire = new Wire(on, on.silent);
    wire.close(50);
    await wire.ended();
    equal(wire.count("data"), 0);
  },

  "transport: ignores calls after the end": async (on) => {
    const wire = await Wire.open(on, on.url);
    wire.call("abort");
    await wire.ended();
    wire.send("PING\r\n");
    wire.call("pause");
    wire.call("resume");
    wire.close();
    wire.call("abort");
    await wire.ended();
  },

  "transport: ignores calls after close()": async (on) => {
    const wire = await Wire.open(on, on.url);
    wire.close();
    wire.send("PING\r\n");
    wire.call("pause");
    wire.call("resume");
    wire.close();
    equal((await wire.ended())?.message, undefined);
  },

  "transport: keeps what is written during a TLS handshake": async (on) => {
    // A WebSocket has TLS from its first byte.
    if (on.tls.url.startsWith("wss")) return;
    const wire = new Wire(on, on.tls.url, { ca: on.tls.ca });
    wire.onReport = () => {
      if (!/^INFO .*\r\n$/.test(wire.received)) return;
      wire.onReport = () => {};
      wire.call("startTls");
      wire.send('CONNECT {"verbose":false,"pedantic":false,"tls_required":true}\r\nPING\r\n');
    };
    await wire.until("PONG after TLS", () => wire.received.includes("PONG\r\n"));
    equal(wire.count("secure"), 1);
    wire.close();
    await wire.ended();
  },
};

/** Opens a wire through a proxy that reads nothing from it. */
async function held(on: Environment): Promise<[proxy: ControlledProxy, wire: Wire]> {
  const proxy = await on.openProxy();
  const wire = await Wire.open(on, proxy.url);
  await proxy.hold();
  return [proxy, wire];
}

/** Publishes a payload in three segments of one tick. Returns what the last `write` returned. */
function publish(wire: Wire, payload: Uint8Array): boolean {
  wire.send(PUB, true);
  wire.send(payload, true);
  return wire.send(CRLF);
}

/** Publishes payloads until `write` returns false. Returns how many. */
function fill(wire: Wire): number {
  const payload = payloadOf(0, SIZE);
  for (let count = 1; count < MOST; count++) if (!publish(wire, payload)) return count;
  return MOST;
}

/** Ends a wire while messages arrive, and checks that no data is reported later. */
async function ends(on: Environment, end: (wire: Wire) => void): Promise<void> {
  const wire = await Wire.open(on, on.url);
  let data: number | undefined;
  wire.onReport = ({ what }: Report) => {
    if (what !== "data" || data !== undefined) return;
    data = wire.count("data");
    // Not from inside a report: a client ends its transport in a turn of its own.
    queueMicrotask(() => {
      data = wire.count("data");
      end(wire);
    });
  };
  wire.send("SUB rules 1\r\n");
  for (let i = 0; i < FRAMES; i++) publish(wire, payloadOf(i, SIZE));
  await wire.ended();
  equal(wire.count("data"), data);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
