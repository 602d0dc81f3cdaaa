// SPDX-License-Identifier: Apache-2.0
import { type Batch, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { startFastIngest } from "@nats-io/jetstream/internal";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { type RealServer, startJetStreamServer } from "../../../tools/testkit/nats-server.ts";
import { since } from "../../../tools/testkit/since.ts";
import { clients, connected, type ModuleConnection } from "./clients.ts";
import { numbers, texts } from "./stream.ts";

let server: RealServer;
beforeAll(async () => {
  server = await startJetStreamServer();
});
afterAll(() => server.stop());

let streams = 0;
async function stored(nc: ModuleConnection, name: string, count: number): Promise<string[]> {
  const consumer = await jetstream(nc).consumers.get(name);
  return texts(await consumer.fetch({ max_messages: count, expires: 1000 }));
}

async function batched(nc: ModuleConnection): Promise<string> {
  const name = `B${streams++}`;
  const config = { name, subjects: [`${name}.>`], allow_atomic: true, allow_batched: true };
  await (await jetstreamManager(nc)).streams.add(config as never);
  return name;
}

describe.each(clients)("a batch on %s", (client) => {
  since("2.12.0", "is stored as a whole when it is committed", async () => {
    const nc = await connected(client, server.port);
    const name = await batched(nc);
    const batch: Batch = await jetstream(nc).startBatch(`${name}.a`, "0");
    for (let i = 1; i < 8; i++) batch.add(`${name}.a`, String(i));
    await batch.add(`${name}.a`, "8", { ack: true });
    expect((await (await jetstreamManager(nc)).streams.info(name)).state.messages).toBe(0);
    expect(await batch.commit(`${name}.a`, "9")).toMatchObject({ count: 10, seq: 10 });
    expect(await stored(nc, name, 10)).toEqual(numbers(0, 10));
  });

  since("2.14.0", "is paced by the acknowledgements of the server (fast ingest)", async () => {
    const nc = await connected(client, server.port);
    const name = await batched(nc);
    const ingest = await startFastIngest(nc, `${name}.a`, "0", { allowGaps: false, ackInterval: 5 });
    for (let i = 1; i < 99; i++) await ingest.add(`${name}.a`, String(i));
    expect(await ingest.ping()).toMatchObject({ batchSeq: 99 });
    expect(await ingest.last(`${name}.a`, "99")).toMatchObject({ batch: ingest.batch, count: 100 });
    expect(await ingest.done()).toMatchObject({ count: 100 });
    expect(await stored(nc, name, 100)).toEqual(numbers(0, 100));
  });
});
