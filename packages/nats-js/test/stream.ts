// SPDX-License-Identifier: Apache-2.0
import {
  AckPolicy,
  type ConsumerNotification,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import type { ModuleConnection } from "./clients.ts";

let streams = 0;

/** Creates a stream with messages `0` to `count - 1` on `<name>.a`, and a durable consumer of it. */
export async function stream(nc: ModuleConnection, count: number, config: object = {}) {
  const name = `S${streams++}`;
  const manager: JetStreamManager = await jetstreamManager(nc);
  const js: JetStreamClient = jetstream(nc);
  await manager.streams.add({ name, subjects: [`${name}.>`] });
  await manager.consumers.add(name, { durable_name: "desk", ack_policy: AckPolicy.Explicit, ...config });
  for (let i = 0; i < count; i++) await js.publish(`${name}.a`, String(i));
  return { name, manager, js, consumer: await js.consumers.get(name, "desk") };
}

/** Acknowledges messages, and returns them as text. */
export async function texts(messages: AsyncIterable<JsMsg>, count = Number.POSITIVE_INFINITY): Promise<string[]> {
  const all: string[] = [];
  for await (const message of messages) {
    all.push(message.string());
    message.ack();
    if (all.length === count) break;
  }
  return all;
}

/** Resolves with the first status of one of these types. */
export async function status(
  of: AsyncIterable<ConsumerNotification>,
  ...types: string[]
): Promise<ConsumerNotification> {
  for await (const one of of) if (types.includes(one.type)) return one;
  throw new Error(`no status ${types}`);
}

/** Returns the numbers in a range, as text. */
export const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i));
