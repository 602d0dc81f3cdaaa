// SPDX-License-Identifier: Apache-2.0
// Prints the spans of a request and of its answer: node traced.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { hooks } from "./tracing.mjs";

const exporter = new InMemorySpanExporter(); // your program: OTLPTraceExporter
const provider = new NodeTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter)],
});
provider.register(); // the W3C header `traceparent`, and a context for async functions

const client = await connect({ servers: process.argv[2], hooks });
client.subscribe("orders.new", async (order) => {
  client.publish("stock.taken", order.payload);
  order.respond();
});
await client.request("orders.new", "apple");
await client.drain();

const spans = exporter.getFinishedSpans();
/** Prints the spans below another. @param {string} [parent] @param {string} [indent] */
function print(parent, indent = "") {
  for (const span of spans) {
    if (span.parentSpanContext?.spanId !== parent) continue;
    console.log(`${indent}${span.name}`);
    print(span.spanContext().spanId, `${indent}  `);
  }
}
print();
