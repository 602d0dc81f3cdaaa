// SPDX-License-Identifier: Apache-2.0
import process from "node:process";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { deferred } from "@nats-io/nats-core";
import { Objm } from "@nats-io/obj";
import { Svcm } from "@nats-io/services";
import { connect as connectOfficial } from "@nats-io/transport-node";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";

/** Where the program connects to, with which client, and how it ends the connection. */
export interface EndsArgument {
  readonly url: string;
  readonly client: "natswire" | "the official client";
  readonly how: "drain" | "close" | "close while disconnected";
}

const { url, client, how } = JSON.parse(process.argv.at(-1)!) as EndsArgument;
const nc =
  client === "natswire"
    ? toNatsConnection(await connect(url))
    : await connectOfficial({ servers: url, maxReconnectAttempts: -1 });

const manager = await jetstreamManager(nc);
await manager.streams.add({ name: "S", subjects: ["s.>"] });
await manager.consumers.add("S", { durable_name: "pulled", ack_policy: AckPolicy.Explicit });
await manager.consumers.add("S", { durable_name: "empty", ack_policy: AckPolicy.Explicit, filter_subject: "s.none" });
await manager.consumers.add("S", { durable_name: "pushed", ack_policy: AckPolicy.None, deliver_subject: "deliver" });
const js = jetstream(nc);
await js.publish("s.a", "1");
const kv = await new Kvm(nc).create("kv");
await kv.put("a", "1");
const objects = await new Objm(nc).create("objects");
await objects.putBlob({ name: "a" }, new Uint8Array(10));

// How each of them ended.
const ends: Record<string, string> = {};
const begun: Promise<unknown>[] = [];
const ended: Promise<void>[] = [];
function record(name: string, end: Promise<unknown>): void {
  ended.push(
    end.then(
      () => {
        ends[name] = "ended";
      },
      (error: Error) => {
        ends[name] = error.name;
      },
    ),
  );
}
/** Loops to the end. It has begun when it has received a first value. */
function loop(name: string, values: AsyncIterable<unknown>): void {
  const begin = deferred<void>();
  begun.push(begin);
  record(
    name,
    (async () => {
      for await (const _ of values) begin.resolve();
    })(),
  );
}

const empty = await js.consumers.get("S", "empty");
loop("pull consumer", await (await js.consumers.get("S", "pulled")).consume());
loop("ordered consumer", await (await js.consumers.get("S")).consume());
loop("push consumer", await (await js.consumers.getPushConsumer("S", "pushed")).consume());
loop("watch", await kv.watch());
loop("object watch", await objects.watch({ includeHistory: true }));
record("callback", (await (await js.consumers.get("S")).consume({ callback: () => {} })).closed());
record("next", empty.next({ expires: 60_000 }));
record(
  "fetch",
  (async () => {
    for await (const _ of await empty.fetch({ expires: 60_000 }));
  })(),
);
record(
  "subscription",
  (async () => {
    for await (const _ of nc.subscribe("foo"));
  })(),
);
record(
  "status",
  (async () => {
    for await (const _ of nc.status());
  })(),
);
const service = await new Svcm(nc as never).add({ name: "s", version: "1.0.0" });
record("service", service.stopped);
await Promise.all(begun);
await nc.flush();

if (how === "close while disconnected") {
  const disconnected = (async () => {
    for await (const { type } of nc.status()) if (type === "disconnect") return;
  })();
  console.log(JSON.stringify("begun"));
  await disconnected;
}
await (how === "drain" ? nc.drain() : nc.close());
await Promise.all(ended);
console.log(JSON.stringify(ends));
