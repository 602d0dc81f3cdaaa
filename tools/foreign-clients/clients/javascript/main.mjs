// SPDX-License-Identifier: Apache-2.0
// node main.mjs URL
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, errors, headers } from "@nats-io/transport-node";

const PATIENCE = 5000;

const nc = await connect({ servers: process.argv[2], reconnectTimeWait: 100 });
ok("connect");

nc.publish("published", "from JavaScript");
await nc.flush();
ok("publish");

const plain = subscribe("plain");
nc.publish("plain", "one");
nc.publish("plain", "two");
await expectNext(plain, "plain", "one");
await expectNext(plain, "plain", "two");
ok("subscribe");

const star = subscribe("orders.*.new");
const rest = subscribe("orders.>");
nc.publish("orders.eu.old", "1");
nc.publish("orders.eu.new", "2");
nc.publish("orders.eu.new.big", "3");
await expectNext(star, "orders.eu.new", "2");
await expectNext(rest, "orders.eu.old", "1");
await expectNext(rest, "orders.eu.new", "2");
await expectNext(rest, "orders.eu.new.big", "3");
assert.equal(star.subscription.getReceived(), 1, "one message for orders.*.new");
ok("wildcards");

const ann = subscribe("jobs", "workers");
const bob = subscribe("jobs", "workers");
for (let i = 0; i < 100; i++) nc.publish("jobs", "job");
await nc.flush();
const [anns, bobs] = [ann.subscription.getReceived(), bob.subscription.getReceived()];
assert.equal(anns + bobs, 100, "each of 100 messages once in the queue group");
assert(anns > 0 && bobs > 0, "both members of the queue group get some");
ok("queue groups");

const answer = await nc.request("echo", "hello", { timeout: PATIENCE });
assert.equal(answer.string(), "hello");
ok("request");

await assert.rejects(
  nc.request("nobody", "hello", { timeout: PATIENCE }),
  ({ cause }) => cause instanceof errors.NoRespondersError,
);
ok("no responders");

const sent = headers();
sent.set("Greeting", "hello: world");
sent.set("Name", "JavaScript");
const reply = await nc.request("echo", "hello", { timeout: PATIENCE, headers: sent });
assert.deepEqual([...(reply.headers ?? [])], [...sent]);
ok("headers");

const news = subscribe("news");
await nc.flush();
console.log("restart");
await expectNext(news, "news", "from the new server");
ok("reconnect");

let handled = 0;
nc.subscribe("last", { callback: () => handled++ });
for (let i = 0; i < 1000; i++) nc.publish("last", "words");
await nc.drain();
assert(nc.isClosed(), "a closed connection");
assert.equal(handled, 1000, "1000 messages before the connection closes");
ok("drain");

function ok(capability) {
  console.log("ok", capability);
}

function subscribe(subject, queue) {
  const subscription = nc.subscribe(subject, { queue });
  return { subscription, messages: subscription[Symbol.asyncIterator]() };
}

async function expectNext({ messages }, subject, payload) {
  const late = sleep(PATIENCE, undefined, { ref: false }).then(() => assert.fail(`nothing on ${subject}`));
  const { value } = await Promise.race([messages.next(), late]);
  assert.deepEqual([value.subject, value.string()], [subject, payload]);
}
