// SPDX-License-Identifier: Apache-2.0
import type { Connection, ConnectionHooks, Dial, TransportHandler } from "@natswire/io";
import { type Codec, made, type StreamOptions } from "./parse.ts";
import { BATCH } from "./publish.ts";
import type { Contestant } from "./race.ts";
import type { Work } from "./workloads.ts";

type Io = Pick<typeof import("@natswire/io"), "connectWith" | "VirtualClock"> & {
  /** A build before the hooks has none. */
  readonly channelHooks?: ConnectionHooks | undefined;
};

const SUBJECT = "orders.europe.0000";
const encoder = new TextEncoder();
const info = encoder.encode('INFO {"server_id":"A","max_payload":1048576,"headers":true}\r\n');
const ping = encoder.encode("PING\r\n");
const pong = encoder.encode("PONG\r\n");

/** A client whose server is a function: it discards what it receives, and counts the bytes. */
interface MemoryClient {
  readonly name: string;
  readonly client: Connection;
  readonly handler: TransportHandler;
  readonly written: () => number;
}

async function open(name: string, { connectWith, VirtualClock }: Io, hooks?: ConnectionHooks): Promise<MemoryClient> {
  let handler: TransportHandler | undefined;
  let written = 0;
  const dial: Dial = (_, on) => {
    handler = on;
    queueMicrotask(() => {
      on.open();
      on.data(info);
      on.data(pong);
    });
    return {
      write({ length }) {
        written += length;
        on.written(length);
        return true;
      },
      pause() {},
      resume() {},
      close: () => on.close(),
      abort: () => on.close(),
    };
  };
  // A clock without timers: the process ends after the race.
  const client = await connectWith(dial, { clock: new VirtualClock(), ...(hooks && { hooks }) });
  return { name, client, handler: handler as TransportHandler, written: () => written };
}

/** Returns the contestant that publishes a batch and writes it. The checksum is the number of bytes. */
function publishing({ name, client, handler, written }: MemoryClient): Contestant {
  const payload = new Uint8Array(16).fill(0x61);
  const run = (): number => {
    const before = written();
    for (let i = 0; i < BATCH; i++) client.publish(SUBJECT, payload);
    // Received bytes let the client write at once. The race leaves no time for what it deferred.
    handler.data(ping);
    return written() - before;
  };
  // The first run also writes what came before.
  run();
  return { name, run };
}

/** Returns the contestant that delivers messages to a callback. The checksum is the number of bytes of their payloads. */
function delivering({ name, client, handler }: MemoryClient, stream: StreamOptions, codec: Codec): Contestant {
  let sum = 0;
  const { sid } = client.subscribe(SUBJECT, ({ payload }) => {
    sum += payload.length;
  });
  const { chunks } = made({ ...stream, sid }, codec);
  const run = (): number => {
    sum = 0;
    for (const chunk of chunks) handler.data(chunk);
    return sum;
  };
  return { name, run };
}

/**
 * Returns the work of publishing, or of delivering to a callback, through clients without hooks and with channels that have no
 * subscriber.
 */
export async function throughClient(what: "publish" | "deliver", io: Io, codec: Codec): Promise<Work> {
  const clients = [await open("without hooks", io), await open("without a subscriber", io, io.channelHooks)];
  if (what === "publish") return { contestants: clients.map(publishing), messages: BATCH };
  const stream = { size: 16, chunk: 65_536 };
  const { messages } = made(stream, codec);
  return { contestants: clients.map((client) => delivering(client, stream, codec)), messages };
}
