// SPDX-License-Identifier: Apache-2.0
import { type Answer, type Delivered, JetStreamHarness } from "../jetstream-harness.ts";

/** A server with a stream S of `s.>`, and a client that is subscribed to `in`: pulled messages go there. */
export class ConsumerHarness extends JetStreamHarness {
  /** @param config of the stream */
  constructor(config: object = {}) {
    super();
    this.create("S", { subjects: ["s.>"], ...config });
    this.subscribe("in");
  }

  /** Publishes messages to `s.…`: the payload is the subject's last part. */
  store(...names: readonly string[]): void {
    for (const name of names) this.publish(`s.${name}`, name);
    this.received();
  }

  /** Creates a consumer with explicit acks. Returns the answer. */
  consumer(name = "C", config: object = {}): Answer {
    return this.api(`CONSUMER.CREATE.S.${name}`, {
      stream_name: "S",
      config: { durable_name: name, ack_policy: "explicit", ...config },
    });
  }

  /** Creates or updates a consumer. Returns what it delivers at once. */
  start(config: object = {}, name = "C"): Delivered[] {
    const request = { stream_name: "S", config: { durable_name: name, ack_policy: "explicit", ...config } };
    this.publish(`$JS.API.CONSUMER.CREATE.S.${name}`, JSON.stringify(request), [], "ignored");
    return this.received();
  }

  /** Requests messages. Returns what came. */
  pull(request: object | string = {}, name = "C"): Delivered[] {
    const payload = typeof request === "string" ? request : JSON.stringify({ batch: 10, expires: 1e12, ...request });
    this.publish(`$JS.API.CONSUMER.MSG.NEXT.S.${name}`, payload, [], "in");
    return this.received();
  }

  /** Acknowledges a message. Returns what came. */
  ack(message: Delivered | undefined, payload = ""): Delivered[] {
    this.publish(message?.reply ?? "unknown", payload);
    return this.received();
  }

  /** Advances the clock. Returns what came. */
  after(milliseconds: number): Delivered[] {
    this.advance(milliseconds);
    return this.received();
  }

  info(name = "C"): Answer {
    return this.api(`CONSUMER.INFO.S.${name}`);
  }

  /** Returns the error code of an answer. */
  errorOf(name: string, config: object, more: object = {}): number | undefined {
    const request = { stream_name: "S", config: { ack_policy: "explicit", ...config }, ...more };
    return this.api(`CONSUMER.CREATE.S${name === "" ? "" : `.${name}`}`, request).error?.err_code;
  }
}

/** Returns what messages say: their payload, or the first line of their headers. */
export function texts(messages: readonly Delivered[]): string[] {
  return messages.map(({ payload, headers }) => payload || (headers[0] ?? ""));
}

/** Returns the numbers in the replies of messages: deliveries, sequence in the stream, sequence of the consumer, pending. */
export function numbers(messages: readonly Delivered[]): number[][] {
  return messages.map(({ reply = "" }) => {
    const [deliveries, stream, consumer, , pending] = reply.split(".").slice(4).map(Number);
    return [deliveries!, stream!, consumer!, pending!];
  });
}
