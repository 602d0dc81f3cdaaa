// SPDX-License-Identifier: Apache-2.0

import { type Connection, connect } from "@natswire/node";
import { SpanKind, trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { closing } from "../../testkit/closing.ts";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { hooks } from "../operations/tracing.mjs";

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
const server = await startNatsServer("");
afterAll(() => Promise.all([server.stop(), provider.shutdown()]));
afterEach(() => exporter.reset());

const join = async (): Promise<Connection> =>
  closing(await connect({ servers: `nats://127.0.0.1:${server.port}`, hooks }));

/** Returns the span with a name, which must be the only one. */
function spanOf(name: string): ReadableSpan {
  const found = exporter.getFinishedSpans().filter((span) => span.name === name);
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** Checks that one span is the child of another, in the same trace. */
function expectChild(child: ReadableSpan, parent: ReadableSpan): void {
  expect(child.spanContext().traceId).toBe(parent.spanContext().traceId);
  expect(child.parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
}

describe("the spans of two clients at a real nats-server", () => {
  it("link a consumer to the producer of the message (traceparent)", async () => {
    const [producer, consumer] = [await join(), await join()];
    const orders = consumer.subscribe("orders.*", () => {});
    await orders.ready();
    producer.publish("orders.new", "apple");
    await producer.flush();
    await orders.drain();
    const [publish, process] = [spanOf("publish orders.new"), spanOf("process orders.*")];
    expectChild(process, publish);
    expect([publish.kind, process.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    expect(process.attributes).toMatchObject({
      "messaging.destination.name": "orders.new",
      "messaging.message.body.size": 5,
    });
  });

  it("continue in what an async callback publishes, and in the answer", async () => {
    const [asking, answering] = [await join(), await join()];
    answering.subscribe("orders.new", async (order) => {
      await answering.flush();
      answering.publish("stock.taken");
      order.respond();
    });
    await answering.flush();
    await asking.request("orders.new");
    await answering.drain();
    const request = spanOf("request orders.new");
    const process = spanOf("process orders.new");
    expect(request.kind).toBe(SpanKind.CLIENT);
    expectChild(process, request);
    for (const name of ["publish stock.taken", "answer"]) expectChild(spanOf(name), process);
  });

  it("are children of the program's own span", async () => {
    const client = await join();
    trace.getTracer("test").startActiveSpan("checkout", (span) => {
      client.publish("orders.new");
      span.end();
    });
    await client.flush();
    expectChild(spanOf("publish orders.new"), spanOf("checkout"));
  });

  it("link the arrival of a message for a loop, which has the headers", async () => {
    const client = await join();
    const orders = client.subscribe("orders.*");
    client.publish("orders.new");
    const { headers } = await orders.next();
    expect(headers?.get("traceparent")).toContain(spanOf("publish orders.new").spanContext().traceId);
    expectChild(spanOf("process orders.*"), spanOf("publish orders.new"));
  });

  it("record the error of a request and of a callback", async () => {
    const client = await join();
    client.onStatus(() => {});
    await client.request("nobody").catch(() => {});
    const orders = client.subscribe("orders.*", async () => {
      throw new Error("no stock");
    });
    client.publish("orders.new");
    await client.flush();
    await orders.drain();
    const texts = [spanOf("request nobody"), spanOf("process orders.*")].map(
      ({ events }) => events[0]?.attributes?.["exception.message"],
    );
    expect(texts).toEqual([expect.stringContaining("NO_RESPONDERS"), "no stock"]);
  });
});
