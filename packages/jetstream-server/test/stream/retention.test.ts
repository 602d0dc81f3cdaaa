// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from "vitest";
import { ServerHarness } from "../../../server/test/server-harness.ts";
import { jetstream } from "../../src/index.ts";
import { JetStreamHarness, pub } from "../jetstream-harness.ts";

let js: JetStreamHarness;

beforeEach(() => {
  js = new JetStreamHarness();
  js.subscribe("pull");
});

/** Creates a pull consumer of stream S. */
function consume(name: string, filter = ">"): void {
  const config = { durable_name: name, ack_policy: "explicit", filter_subject: filter };
  js.api(`CONSUMER.CREATE.S.${name}.${filter}`, { stream_name: "S", config: { ...config, name } });
}

/** Delivers the next message of a consumer, and acknowledges it. */
function take(consumer: string): void {
  js.publish(`$JS.API.CONSUMER.MSG.NEXT.S.${consumer}`, "", [], "pull");
  const [message] = js.received();
  js.publish(message!.reply!, "+ACK");
}

function sequences(): number[] {
  return js.jetstream.messages("S").map(({ sequence }) => sequence);
}

describe("a work queue", () => {
  it("removes a message after it is acknowledged", () => {
    js.create("S", { subjects: ["s.*"], retention: "workqueue" });
    js.publish("s.a");
    js.publish("s.b");
    consume("C");
    take("C");
    expect(sequences()).toEqual([2]);
  });
});

describe("a stream with interest retention", () => {
  beforeEach(() => {
    js.create("S", { subjects: ["s.*"], retention: "interest" });
  });

  it("answers a message without a consumer, and does not store it", () => {
    expect(js.ask("s.a", "x")).toEqual({ stream: "S", seq: 1 });
    expect(js.api("STREAM.INFO.S").state).toMatchObject({ messages: 0, first_seq: 2, last_seq: 1 });
  });

  it("removes a message after every consumer that it matches acknowledged it", () => {
    consume("A", "s.a");
    consume("B", "s.*");
    js.publish("s.a");
    js.publish("s.b");
    take("A");
    expect(sequences()).toEqual([1, 2]);
    take("B");
    expect(sequences()).toEqual([2]);
  });

  it("does not read the TTL of a message that no consumer needs", () => {
    expect(js.ask("s.a", "x", ["Nats-TTL: bad"])).toEqual({ stream: "S", seq: 1 });
    consume("A", "s.a");
    expect(js.ask("s.a", "x", ["Nats-TTL: bad"])).toMatchObject({ error: { err_code: 10165 }, seq: 0 });
  });

  it("keeps what it had before, until its consumers acknowledge it", () => {
    js.create("L", { subjects: ["l.*"] });
    js.publish("l.a");
    const asInterest = { name: "L", storage: "memory", subjects: ["l.*"], retention: "interest" };
    expect(js.api("STREAM.UPDATE.L", asInterest).state).toMatchObject({ messages: 1, first_seq: 1 });
    js.publish("l.b");
    expect(js.api("STREAM.INFO.L").state).toMatchObject({ messages: 1, last_seq: 2 });
  });

  it("removes what only a deleted consumer needed", () => {
    consume("A", "s.a");
    consume("B", "s.b");
    js.publish("s.a");
    js.publish("s.b");
    js.api("CONSUMER.DELETE.S.A");
    expect(sequences()).toEqual([2]);
  });
});

describe("an account", () => {
  it("does not see the streams of another", () => {
    const module = jetstream();
    const server = new ServerHarness({ modules: [module], authRequired: true });
    const [a, b] = ["A", "B"].map((account) => {
      const client = server.connect();
      server.core.authorized(client, { account }, server.now);
      server.send(client, "SUB _R 1\r\n");
      return client;
    });
    server.send(a!, pub("$JS.API.STREAM.CREATE.S", '{"name":"S"}', [], "_R"));
    server.send(b!, pub("S", "x", [], "_R"));
    expect(server.exchange(b!, pub("$JS.API.STREAM.NAMES", "", [], "_R"))).toContain('"streams":null');
    expect(module.streams("B")).toEqual([]);
    expect(module.streams("A")).toMatchObject([{ name: "S", messages: 0 }]);
  });
});
