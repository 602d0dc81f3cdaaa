// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { AckPolicy, type JetStreamManager, jetstreamManager, StorageType } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import type { Connection } from "@natswire/io";
import { toNatsConnection } from "@natswire/nats-js";
import type { Counterpart } from "./counterpart.ts";
import type { JetStreamWork } from "./loads.ts";
import { CONSUMER, KEYS, keyName, keyValue, streamOf } from "./names.ts";

const BATCH = 500;
// Milliseconds.
const LONGEST_WAIT = 10_000;

const counterparts = { store, consume, get } as const satisfies Record<JetStreamWork, unknown>;

/** Adds the stream or the bucket of a contestant, in the server's memory. */
export function streamFor(
  work: JetStreamWork,
  client: Connection,
  subject: string,
  size: number,
): Promise<Counterpart> {
  return counterparts[work](client, subject, size);
}

/** The stream is empty before each round, and has all messages after it. */
async function store(client: Connection, subject: string): Promise<Counterpart> {
  const manager = await added(client, subject);
  const stream = streamOf(subject);
  return {
    prepare: async () => void (await manager.streams.purge(stream)),
    async check(messages) {
      const { state } = await manager.streams.info(stream);
      if (state.messages !== messages) throw new Error(`${state.messages} messages are stored, expected ${messages}`);
    },
  };
}

/** The stream has only new messages before each round. All are delivered once and acknowledged after it. */
async function consume(client: Connection, subject: string, size: number): Promise<Counterpart> {
  const manager = await added(client, subject);
  const stream = streamOf(subject);
  await manager.consumers.add(stream, { durable_name: CONSUMER, ack_policy: AckPolicy.Explicit });
  const payload = new Uint8Array(size).fill(0x78);
  return {
    async prepare(messages) {
      await manager.streams.purge(stream);
      for (let i = 1; i <= messages; i++) {
        client.publish(subject, payload);
        if (i % BATCH === 0) await client.flush();
      }
      await until(`${messages} messages are stored`, async () => {
        const { state } = await manager.streams.info(stream);
        return state.messages === messages;
      });
    },
    async check() {
      // The server handles acknowledgements in the background.
      await until("every message is acknowledged", async () => {
        const { num_pending, num_ack_pending, num_redelivered } = await manager.consumers.info(stream, CONSUMER);
        return num_pending + num_ack_pending + num_redelivered === 0;
      });
    },
  };
}

/** The bucket has a value for every key. The contestant checks the values that it gets. */
async function get(client: Connection, subject: string, size: number): Promise<Counterpart> {
  const options = { storage: StorageType.Memory };
  const bucket = await new Kvm(toNatsConnection(client)).create(streamOf(subject), options);
  await Promise.all(Array.from({ length: KEYS }, (_, i) => bucket.put(keyName(i), keyValue(i, size))));
  return {};
}

async function added(client: Connection, subject: string): Promise<JetStreamManager> {
  const manager = await jetstreamManager(toNatsConnection(client));
  await manager.streams.add({ name: streamOf(subject), subjects: [subject], storage: StorageType.Memory });
  return manager;
}

async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LONGEST_WAIT;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error(`not after ${LONGEST_WAIT} ms: ${what}`);
    await sleep(5);
  }
}
