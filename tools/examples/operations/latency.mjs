// SPDX-License-Identifier: Apache-2.0
// Measures each callback and request of a client with prom-client: node latency.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";
import { Histogram, register } from "prom-client";

const seconds = new Histogram({
  name: "natswire_seconds",
  help: "Time of a callback or a request",
  labelNames: ["kind", "subject", "outcome"],
  buckets: [0.001, 0.01, 0.1, 1],
});

/**
 * Measures the time until the promise of `next` settles.
 *
 * @param {string} kind
 * @param {string} subject
 * @param {() => unknown} next
 */
async function measure(kind, subject, next) {
  const end = seconds.startTimer({ kind, subject });
  try {
    await next();
    end({ outcome: "OK" });
  } catch (error) {
    end({ outcome: Object(error).code ?? "thrown" });
    throw error;
  }
}

const client = await connect({
  servers: process.argv[2],
  hooks: {
    request: ({ subject }, next) => measure("request", subject, next),
    // The subjects of its messages may be too many for a label.
    deliver: ({ subscription }, next) => measure("deliver", subscription.subject, next),
  },
});
client.subscribe("orders.*", (order) => order.respond());
await client.request("orders.new");
await client.request("nobody").catch(() => {});
await client.drain();
const { values } = await seconds.get();
for (const { metricName, labels, value } of values)
  if (metricName?.endsWith("_count"))
    console.log(labels.kind, labels.subject, labels.outcome, value);
register.clear();
