// SPDX-License-Identifier: Apache-2.0
import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { connect as connectOfficial } from "@nats-io/transport-node";
import { toNatsConnection } from "@natswire/nats-js";
import { connectNatswire } from "./adapter.ts";
import { JETSTREAM_WAYS, type JetStreamWork } from "./loads.ts";
import { CONSUMER, KEYS, keyName, keyValue, streamOf } from "./names.ts";

/** Does a number of messages. @throws Error if a result is not the expected one */
type Round = (messages: number) => Promise<void>;

/** Connects a client for the official modules: both have the options that are the default. */
export const connections: Readonly<Record<string, (servers: string) => Promise<NatsConnection>>> = {
  natswire: async (servers) => toNatsConnection(await connectNatswire({ servers })),
  official: (servers) => connectOfficial({ servers }),
};

const rounds = { store, consume, get } as const satisfies Record<JetStreamWork, unknown>;

/** Returns the rounds of a work. All clients run the same code of the official modules. */
export async function throughModules(
  nc: NatsConnection,
  work: JetStreamWork,
  subject: string,
  payload: Uint8Array,
): Promise<Round> {
  return await rounds[work](nc, subject, payload);
}

function store(nc: NatsConnection, subject: string, payload: Uint8Array): Round {
  const js = jetstream(nc);
  const stream = streamOf(subject);
  return async (messages) => {
    let stored = 0;
    await atOnce(JETSTREAM_WAYS.store, messages, async () => {
      const ack = await js.publish(subject, payload);
      if (ack.stream === stream && !ack.duplicate) stored++;
    });
    checkCount("stored", stored, messages);
  };
}

async function consume(nc: NatsConnection, subject: string, payload: Uint8Array): Promise<Round> {
  const consumer = await jetstream(nc).consumers.get(streamOf(subject), CONSUMER);
  return async (messages) => {
    let received = 0;
    let bytes = 0;
    for await (const message of await consumer.consume()) {
      bytes += message.data.length;
      message.ack();
      if (++received === messages) break;
    }
    // The server has received every acknowledgement.
    await nc.flush();
    checkCount("received bytes of", bytes / payload.length, messages);
  };
}

async function get(nc: NatsConnection, subject: string, { length }: Uint8Array): Promise<Round> {
  // Unlike `open`, `create` lets the bucket use direct gets.
  const bucket = await new Kvm(nc).create(streamOf(subject));
  const all = Array.from({ length: KEYS }, (_, i) => ({ key: keyName(i), value: keyValue(i, length) }));
  return async (messages) => {
    let next = 0;
    let right = 0;
    await atOnce(JETSTREAM_WAYS.get, messages, async () => {
      const { key, value } = all[next++ % KEYS]!;
      const entry = await bucket.get(key);
      if (entry !== null && areEqual(entry.value, value)) right++;
    });
    checkCount("read the right value of", right, messages);
  };
}

/** Runs `once` as often as there are messages, in `ways` loops at the same time. */
async function atOnce(ways: number, messages: number, once: () => Promise<void>): Promise<void> {
  const loop = async (): Promise<void> => {
    for (let i = 0; i < messages / ways; i++) await once();
  };
  await Promise.all(Array.from({ length: ways }, loop));
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function checkCount(what: string, count: number, expected: number): void {
  if (count !== expected) throw new Error(`${what} ${count} messages, expected ${expected}`);
}
