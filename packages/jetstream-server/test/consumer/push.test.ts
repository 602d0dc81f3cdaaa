// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ConsumerHarness, numbers, texts } from "./consumer-harness.ts";

describe("a push consumer", () => {
  it("delivers to its subject while somebody is subscribed", () => {
    const js = new ConsumerHarness();
    js.store("a");
    js.consumer("C", { deliver_subject: "out" });
    expect(js.info().push_bound).toBeUndefined();
    js.subscribe("out", 3);
    expect(texts(js.received())).toEqual(["a"]);
    expect(js.info().push_bound).toBe(true);
    js.server.send(js.client, "UNSUB 3\r\n");
    js.store("b");
    expect(js.info()).toMatchObject({ num_pending: 1, delivered: { stream_seq: 1 } });
    js.subscribe("out", 4);
    expect(numbers(js.received())).toEqual([[1, 2, 2, 0]]);
  });

  it("is bound from the beginning if somebody is subscribed", () => {
    const js = new ConsumerHarness();
    expect(js.consumer("C", { deliver_subject: "in" }).push_bound).toBe(true);
    js.publish("s.a", "a");
    expect(texts(js.received())).toEqual(["a"]);
  });

  it("delivers only to subscriptions to its own subject, in its group", () => {
    const js = new ConsumerHarness();
    js.store("a");
    js.consumer("C", { deliver_subject: "out" });
    js.consumer("G", { deliver_subject: "out", deliver_group: "g" });
    js.server.send(js.client, "SUB > 3\r\nSUB out h 4\r\n");
    js.received();
    expect([js.info().push_bound, js.info("G").push_bound]).toEqual([undefined, undefined]);
    js.server.send(js.client, "SUB out g 5\r\n");
    js.received();
    expect([js.info().num_pending, js.info("G").num_pending]).toEqual([1, 0]);
    js.subscribe("out", 6);
    js.received();
    expect([js.info().num_pending, js.info().push_bound]).toEqual([0, true]);
  });

  it("delivers again after ack_wait", () => {
    const js = new ConsumerHarness();
    js.consumer("C", { deliver_subject: "in", ack_wait: 1e9 });
    js.publish("s.a", "a");
    expect(numbers(js.received())).toEqual([[1, 1, 1, 0]]);
    expect(numbers(js.after(1000))).toEqual([[2, 1, 2, 0]]);
  });

  it("sends heartbeats while nothing is delivered", () => {
    const js = new ConsumerHarness();
    js.consumer("C", { deliver_subject: "in", idle_heartbeat: 1e9, ack_policy: "none" });
    expect(js.after(1000)).toMatchObject([
      { subject: "in", headers: ["NATS/1.0 100 Idle Heartbeat", "Nats-Last-Consumer: 0", "Nats-Last-Stream: 0"] },
    ]);
    js.after(500);
    js.publish("s.a", "a");
    expect(texts(js.received())).toEqual(["a"]);
    expect(js.after(999)).toEqual([]);
    expect(js.after(1)).toMatchObject([
      { headers: ["NATS/1.0 100 Idle Heartbeat", "Nats-Last-Consumer: 1", "Nats-Last-Stream: 1"] },
    ]);
  });

  it("stops until its client confirms what it received (flow_control)", () => {
    const js = new ConsumerHarness();
    const large = "x".repeat(900_000);
    for (let i = 0; i < 6; i++) js.publish("s.a", large);
    js.received();
    const got = js.start({ deliver_subject: "in", ack_policy: "none", flow_control: true, idle_heartbeat: 1e9 });
    const request = got.find(({ headers }) => headers[0] === "NATS/1.0 100 FlowControl Request");
    expect(request?.reply).toMatch(/^\$JS\.FC\.S\.C\.\w{4}$/);
    expect(got).toHaveLength(4);
    const [heartbeat] = js.after(1000);
    expect(heartbeat?.headers).toEqual([
      "NATS/1.0 100 Idle Heartbeat",
      "Nats-Last-Consumer: 3",
      "Nats-Last-Stream: 3",
      `Nats-Consumer-Stalled: ${request?.reply}`,
    ]);
    js.publish("$JS.FC.S.C.none");
    expect(js.received()).toEqual([]);
    js.publish(request!.reply!);
    expect(js.received().filter(({ payload }) => payload === large)).toHaveLength(3);
  });

  it("delivers headers and the size only (headers_only)", () => {
    const js = new ConsumerHarness();
    js.publish("s.a", "hello");
    js.publish("s.b", "hi", ["A: 1"]);
    js.received();
    expect(js.start({ deliver_subject: "in", headers_only: true })).toMatchObject([
      { headers: ["Nats-Msg-Size: 5"], payload: "" },
      { headers: ["A: 1", "Nats-Msg-Size: 2"], payload: "" },
    ]);
  });

  it("delivers at the pace of storing (replay_policy original)", () => {
    const js = new ConsumerHarness();
    js.store("a");
    js.after(300);
    js.store("b");
    js.after(200);
    js.store("c");
    expect(texts(js.start({ deliver_subject: "in", replay_policy: "original" }))).toEqual(["a"]);
    js.publish("s.d", "d");
    expect([299, 1, 199, 1].map((time) => texts(js.after(time)))).toEqual([[], ["b"], [], ["c", "d"]]);
  });

  it("is deleted if it has no subscription for its threshold", () => {
    const js = new ConsumerHarness();
    js.consumer("C", { deliver_subject: "out", inactive_threshold: 2e9 });
    js.after(1999);
    js.subscribe("out", 3);
    js.after(10_000);
    expect(js.info().name).toBe("C");
    js.server.send(js.client, "UNSUB 3\r\n");
    js.subscribe("$JS.EVENT.ADVISORY.CONSUMER.DELETED.S.C", 4);
    expect(js.after(1999)).toEqual([]);
    expect(JSON.parse(js.after(1)[0]!.payload)).toMatchObject({ stream: "S", consumer: "C", action: "delete" });
    expect(js.info().error.err_code).toBe(10014);
  });

  it("delivers to a new subject, and again what waits for an ack", () => {
    const js = new ConsumerHarness();
    js.consumer("C", { deliver_subject: "one" });
    js.subscribe("one", 3);
    js.publish("s.a", "a");
    js.received();
    expect(js.consumer("C", { deliver_subject: "in" }).error.err_code).toBe(10013);
    js.server.send(js.client, "UNSUB 3\r\n");
    expect(numbers(js.start({ deliver_subject: "in" }))).toEqual([[2, 1, 2, 0]]);
  });
});
