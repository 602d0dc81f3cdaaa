// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { pub } from "../jetstream-harness.ts";
import { ConsumerHarness, numbers, texts } from "./consumer-harness.ts";

const timeout = (messages: number, bytes = 0): string[] => [
  "NATS/1.0 408 Request Timeout",
  `Nats-Pending-Messages: ${messages}`,
  `Nats-Pending-Bytes: ${bytes}`,
];

describe("a pull", () => {
  it("gets stored messages, and their numbers as a reply", () => {
    const js = new ConsumerHarness();
    js.store("a", "b", "c");
    js.consumer();
    const got = js.pull({ batch: 2 });
    expect(texts(got)).toEqual(["a", "b"]);
    expect(got[0]).toMatchObject({ subject: "s.a", reply: "$JS.ACK.S.C.1.1.1.1704067200000000000.2" });
    expect(numbers(got)).toEqual([
      [1, 1, 1, 2],
      [1, 2, 2, 1],
    ]);
  });

  it("waits for messages, and ends with what it did not get", () => {
    const js = new ConsumerHarness();
    js.consumer();
    expect(js.pull({ batch: 2, expires: 1e9 })).toEqual([]);
    expect(js.info().num_waiting).toBe(1);
    js.publish("s.a", "a");
    expect(texts(js.received())).toEqual(["a"]);
    expect(js.after(999)).toEqual([]);
    expect(js.after(1)).toMatchObject([{ subject: "in", headers: timeout(1), payload: "" }]);
    expect(js.info().num_waiting).toBe(0);
  });

  it.each([
    ["nothing", "", ["a"]],
    ["a number", "2", ["a", "b"]],
    ["another text", "two", ["a"]],
    ["JSON without a batch", '{"expires":1000000000}', ["a"]],
  ])("gets as many as it says: %s", (_, request, expected) => {
    const js = new ConsumerHarness();
    js.store("a", "b", "c");
    js.consumer();
    expect(texts(js.pull(request))).toEqual(expected);
  });

  it("gets 404 at once if there are no messages (no_wait)", () => {
    const js = new ConsumerHarness();
    js.consumer();
    expect(texts(js.pull('{"batch":2,"no_wait":true}'))).toEqual(["NATS/1.0 404 No Messages"]);
  });

  it("ends after the last message if it does not wait", () => {
    const js = new ConsumerHarness();
    js.store("a");
    js.consumer();
    const got = js.pull('{"batch":3,"no_wait":true}');
    expect(texts(got)).toEqual(["a", "NATS/1.0 408 Request Timeout"]);
    expect(got[1]?.headers).toEqual(timeout(2));
  });

  it("waits for the first message, but not for more (no_wait, expires)", () => {
    const js = new ConsumerHarness();
    js.consumer();
    expect(js.pull({ batch: 3, expires: 1e9, no_wait: true })).toEqual([]);
    js.publish("s.a", "a");
    expect(texts(js.received())).toEqual(["a", "NATS/1.0 408 Request Timeout"]);
  });

  it("does not wait behind requests that want all there is (no_wait)", () => {
    const js = new ConsumerHarness();
    js.store("a", "b");
    js.consumer("C", { max_ack_pending: 1 });
    expect(texts(js.pull({ batch: 5 }))).toEqual(["a"]);
    expect(texts(js.pull('{"batch":1,"no_wait":true}'))).toEqual(["NATS/1.0 408 Requests Pending"]);
  });

  it("ends if the next message is larger than what is left (max_bytes)", () => {
    const js = new ConsumerHarness();
    js.publish("s.a", "x".repeat(100));
    js.publish("s.a", "y".repeat(500));
    js.consumer();
    const got = js.pull({ batch: 5, max_bytes: 300 });
    const left = 300 - 3 - 100 - got[0]!.reply!.length;
    expect(got[1]?.headers).toEqual([
      "NATS/1.0 409 Message Size Exceeds MaxBytes",
      "Nats-Pending-Messages: 4",
      `Nats-Pending-Bytes: ${left}`,
    ]);
    expect(texts(js.pull({ batch: 1, max_bytes: 1000 }))[0]).toBe("y".repeat(500));
  });

  it("gets 409 if bytes are left after its last message (max_bytes)", () => {
    const js = new ConsumerHarness();
    js.store("a");
    js.consumer();
    const [message, status] = js.pull({ batch: 1, max_bytes: 1000 });
    expect(status?.headers).toEqual([
      "NATS/1.0 409 Batch Completed",
      "Nats-Pending-Messages: 0",
      `Nats-Pending-Bytes: ${1000 - 4 - message!.reply!.length}`,
    ]);
  });

  it("gets heartbeats while nothing is sent", () => {
    const js = new ConsumerHarness();
    js.consumer();
    js.pull({ expires: 1e9, idle_heartbeat: 3e8 });
    expect(js.after(300)).toMatchObject([
      { headers: ["NATS/1.0 100 Idle Heartbeat", "Nats-Last-Consumer: 0", "Nats-Last-Stream: 0"] },
    ]);
    js.publish("s.a", "a");
    expect(texts(js.received())).toEqual(["a"]);
    expect(js.after(299)).toEqual([]);
    expect(js.after(1)[0]?.headers).toContain("Nats-Last-Stream: 1");
  });

  it("takes turns with other pulls", () => {
    const js = new ConsumerHarness();
    js.consumer();
    js.pull({ batch: 3 });
    const other = js.server.connect();
    js.server.send(other, "SUB other 1\r\n");
    js.server.send(other, pub("$JS.API.CONSUMER.MSG.NEXT.S.C", '{"batch":2,"expires":1000000000}', [], "other"));
    for (const name of ["a", "b", "c", "d", "e"]) js.publish(`s.${name}`, name);
    expect(texts(js.received())).toEqual(["a", "c", "e"]);
    expect(js.server.read(other)).toMatch(/\r\nb\r\nMSG s.d .*\r\nd\r\n$/);
  });

  it("is forgotten if its client is gone", () => {
    const js = new ConsumerHarness();
    js.consumer();
    js.pull();
    js.server.send(js.client, "UNSUB 2\r\n");
    js.store("a");
    expect(js.info()).toMatchObject({ num_waiting: 0, num_pending: 1, delivered: { consumer_seq: 0 } });
    js.subscribe("in");
    expect(texts(js.pull())).toEqual(["a"]);
  });

  it.each([
    ["400 Bad Request - heartbeat value too large", { expires: 1e9, idle_heartbeat: 6e8 }],
    ["409 Exceeded MaxRequestBatch of 5", { batch: 6 }],
    ["409 Exceeded MaxRequestExpires of 1m30s", { batch: 1, expires: 91e9 }],
    ["409 Exceeded MaxRequestMaxBytes of 1000", { batch: 1, expires: 1e9, max_bytes: 1001 }],
    ["400 Bad Request - Not a Overflow Priority consumer", { batch: 1, expires: 1e9, min_pending: 1 }],
    ["400 Bad Request - Not a Pinned Client Priority consumer", { batch: 1, expires: 1e9, id: "x" }],
  ])("is refused with %s", (status, request) => {
    const js = new ConsumerHarness();
    js.consumer("C", { max_batch: 5, max_expires: 90e9, max_bytes: 1000 });
    expect(texts(js.pull({ batch: 1, expires: 1e9, ...request }))).toEqual([`NATS/1.0 ${status}`]);
  });

  it.each(["{", '{"batch":"x"}'])("is refused if it is malformed: %s", (request) => {
    const js = new ConsumerHarness();
    js.consumer();
    expect(texts(js.pull(request))[0]).toMatch(/^NATS\/1.0 400 Bad Request - /);
  });

  it("is refused if too many wait, without a word to one with heartbeats", () => {
    const js = new ConsumerHarness();
    js.consumer("C", { max_waiting: 1 });
    js.pull({ expires: 5e9 });
    expect(texts(js.pull())).toEqual(["NATS/1.0 409 Exceeded MaxWaiting"]);
    expect(js.pull({ idle_heartbeat: 1e9 })).toEqual([]);
    expect(js.info().num_waiting).toBe(1);
    js.after(5000);
    expect(js.pull()).toEqual([]);
    expect(js.info().num_waiting).toBe(1);
  });

  it("is refused by a push consumer, and gets 503 without a consumer", () => {
    const js = new ConsumerHarness();
    js.consumer("C", { deliver_subject: "out" });
    expect(texts(js.pull())).toEqual(["NATS/1.0 409 Consumer is push based"]);
    expect(texts(js.pull({}, "D"))).toEqual(["NATS/1.0 503"]);
  });

  it("ends if its consumer is deleted, or the stream", () => {
    const js = new ConsumerHarness();
    js.consumer();
    js.consumer("D");
    js.pull();
    js.pull({}, "D");
    js.publish("$JS.API.CONSUMER.DELETE.S.C", "", [], "ignored");
    expect(texts(js.received())).toEqual(["NATS/1.0 409 Consumer Deleted"]);
    js.publish("$JS.API.STREAM.DELETE.S", "", [], "ignored");
    expect(texts(js.received())).toEqual(["NATS/1.0 409 Consumer Deleted"]);
  });
});
