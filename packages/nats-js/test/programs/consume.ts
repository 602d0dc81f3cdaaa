// SPDX-License-Identifier: Apache-2.0
import process from "node:process";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import type { Connection } from "@natswire/io/client";
import { toNatsConnection } from "@natswire/nats-js";

/** Uses JetStream and Key-Value on a connection of an adapter, and prints what it received as a line of JSON. */
export async function consume(connect: (url: string) => Promise<Connection>): Promise<void> {
  const { url, name } = JSON.parse(process.argv.at(-1)!) as { url: string; name: string };
  const client = await connect(url);
  const nc = toNatsConnection(client);
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name, subjects: [`${name}.>`] });
  await manager.consumers.add(name, { durable_name: "desk", ack_policy: AckPolicy.Explicit });
  const js = jetstream(nc);
  for (let i = 0; i < 100; i++) await js.publish(`${name}.a`, String(i));
  const seen: string[] = [];
  for await (const message of await (await js.consumers.get(name, "desk")).consume()) {
    seen.push(message.string());
    await message.ackAck();
    if (seen.length === 100) break;
  }
  const kv = await new Kvm(nc).create(name);
  await kv.put("a", "1");
  for await (const entry of await kv.watch()) {
    seen.push(entry.string());
    break;
  }
  const error = await nc.request("nobody").catch((error) => String(error.cause));
  await nc.drain();
  console.log(JSON.stringify({ seen, error }));
}
