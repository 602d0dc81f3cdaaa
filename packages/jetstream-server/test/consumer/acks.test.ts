// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ConsumerHarness, numbers, texts } from "./consumer-harness.ts";

/** A consumer of three messages, which were delivered. */
function delivered(config: object = {}): { js: ConsumerHarness; got: ReturnType<ConsumerHarness["pull"]> } {
  const js = new ConsumerHarness();
  js.store("a", "b", "c");
  js.consumer("C", { ack_wait: 1e9, ...config });
  return { js, got: js.pull({ batch: 3 }) };
}

describe("an ack", () => {
  it.each(["", "+ACK", "+OK"])("ends the delivery of a message: %j", (payload) => {
    const { js, got } = delivered();
    js.ack(got[0], payload);
    expect(js.info()).toMatchObject({
      num_ack_pending: 2,
      num_pending: 0,
      delivered: { consumer_seq: 3, stream_seq: 3, last_active: "2024-01-01T00:00:00Z" },
      ack_floor: { consumer_seq: 1, stream_seq: 1, last_active: "2024-01-01T00:00:00Z" },
    });
    js.after(1000);
    expect(texts(js.pull({ batch: 3 }))).toEqual(["b", "c"]);
  });

  it("moves the floor when the first message that waits is acknowledged", () => {
    const { js, got } = delivered();
    js.ack(got[1]);
    expect(js.info().ack_floor).toMatchObject({ consumer_seq: 0, stream_seq: 0 });
    js.ack(got[0]);
    expect(js.info().ack_floor).toMatchObject({ consumer_seq: 2, stream_seq: 2 });
    js.ack(got[2]);
    expect(js.info().ack_floor).toMatchObject({ consumer_seq: 3, stream_seq: 3 });
  });

  it.each(["+ACK", "-NAK", "+WPI", "+TERM", "+other"])("is answered if it has a reply: %s", (payload) => {
    const { js, got } = delivered();
    expect(js.request(got[0]!.reply!, payload)).toMatchObject([{ payload: "", headers: [] }]);
  });

  it("is not answered if the message was not delivered, or is malformed", () => {
    const { js } = delivered({ filter_subject: "s.>" });
    js.store("d");
    for (const numbered of ["1.4.4.1.0", "1.0.1.1.0", "1.1.1.1", "1.1.1.1.x", "1.1.1.1.1.1"]) {
      expect(js.request(`$JS.ACK.S.C.${numbered}`, "")).toEqual([]);
    }
    expect(js.info().num_ack_pending).toBe(3);
  });

  it("acknowledges the messages before it too (ack_policy all)", () => {
    const { js, got } = delivered({ ack_policy: "all" });
    js.ack(got[1]);
    expect(js.info()).toMatchObject({ num_ack_pending: 1, ack_floor: { consumer_seq: 2, stream_seq: 2 } });
    expect(js.request(got[0]!.reply!, "")).toHaveLength(1);
    js.after(1000);
    expect(texts(js.pull())).toEqual(["c"]);
  });

  it("is not needed (ack_policy none)", () => {
    const { js } = delivered({ ack_policy: "none" });
    expect(js.info()).toMatchObject({ num_ack_pending: 0, ack_floor: { consumer_seq: 3, stream_seq: 3 } });
    js.after(60_000);
    expect(js.pull({ batch: 3, expires: 1e9 })).toEqual([]);
  });

  it("requests the next messages (+NXT)", () => {
    const js = new ConsumerHarness();
    js.store("a", "b", "c", "d");
    js.consumer();
    const [first] = js.pull({ batch: 1 });
    js.publish(first!.reply!, "+NXT", [], "in");
    const [second] = js.received();
    expect(second?.payload).toBe("b");
    js.publish(second!.reply!, '+NXT {"batch":2,"no_wait":true}', [], "in");
    expect(texts(js.received())).toEqual(["c", "d"]);
    expect(js.info().ack_floor.stream_seq).toBe(2);
  });
});

describe("a message that is not acknowledged", () => {
  it("is delivered again after ack_wait, in order", () => {
    const { js } = delivered();
    js.after(999);
    expect(js.pull({ batch: 3, expires: 1e9 })).toEqual([]);
    expect(numbers(js.after(1))).toEqual([
      [2, 1, 4, 0],
      [2, 2, 5, 0],
      [2, 3, 6, 0],
    ]);
    expect(js.info()).toMatchObject({ num_redelivered: 3, delivered: { consumer_seq: 6, stream_seq: 3 } });
  });

  it("waits longer while it is processed (+WPI)", () => {
    const { js, got } = delivered();
    js.after(600);
    js.ack(got[0], "+WPI");
    js.after(400);
    expect(texts(js.pull({ batch: 5 }))).toEqual(["b", "c"]);
    expect(texts(js.after(600))).toEqual(["a"]);
  });

  it("is delivered again at once, or after a delay (-NAK)", () => {
    const { js, got } = delivered();
    js.subscribe("$JS.EVENT.ADVISORY.CONSUMER.MSG_NAKED.S.C", 3);
    expect(JSON.parse(js.ack(got[1], "-NAK")[0]!.payload)).toMatchObject({
      type: "io.nats.jetstream.advisory.v1.nak",
      timestamp: "2024-01-01T00:00:00Z",
      stream: "S",
      consumer: "C",
      consumer_seq: 2,
      stream_seq: 2,
      deliveries: 1,
    });
    expect(texts(js.pull({ batch: 3 }))).toEqual(["b"]);
    js.ack(got[2], '-NAK {"delay":200000000}');
    js.ack(got[0], "-NAK 300ms");
    expect(js.after(199)).toEqual([]);
    expect(texts(js.after(1))).toEqual(["c"]);
    expect(texts(js.after(100))).toEqual(["a"]);
  });

  it("is not delivered again if its client says so (+TERM)", () => {
    const { js, got } = delivered();
    js.subscribe("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.S.C", 3);
    expect(JSON.parse(js.ack(got[0], "+TERM too old")[0]!.payload)).toMatchObject({
      type: "io.nats.jetstream.advisory.v1.terminated",
      consumer_seq: 1,
      stream_seq: 1,
      deliveries: 1,
      reason: "too old",
    });
    js.after(1000);
    expect(texts(js.pull())).toEqual(["b", "c"]);
  });

  it("waits as long as backoff says, the last entry for good", () => {
    const js = new ConsumerHarness();
    js.store("a");
    js.consumer("C", { backoff: [1e9, 3e9] });
    js.pull({ batch: 9 });
    expect([999, 1, 2999, 1, 2999, 1].map((time) => js.after(time).length)).toEqual([0, 1, 0, 1, 0, 1]);
  });

  it("waits longer by what backoff adds to the delay of a NAK", () => {
    const js = new ConsumerHarness();
    js.store("a");
    js.consumer("C", { backoff: [1e9, 3e9] });
    js.pull({ batch: 9 });
    const [again] = js.after(1000);
    js.ack(again, "-NAK 1s");
    expect([2999, 1].map((time) => js.after(time).length)).toEqual([0, 1]);
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 3],
  ])("is delivered max_deliver times: %i", (limit, deliveries) => {
    const js = new ConsumerHarness();
    js.subscribe("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.S.C", 3);
    js.store("a", "b");
    js.consumer("C", { ack_wait: 1e9, max_deliver: limit });
    const got = js.pull({ batch: 100 });
    for (let second = 0; second < 10; second++) got.push(...js.after(1000));
    const ofA = got.filter(({ subject }) => subject === "s.a");
    expect(ofA).toHaveLength(deliveries);
    const advisories = got.filter(({ subject }) => subject.startsWith("$JS.EVENT"));
    expect(advisories.map(({ payload }) => JSON.parse(payload))).toMatchObject([
      { type: "io.nats.jetstream.advisory.v1.max_deliver", stream_seq: 1, deliveries },
      { stream_seq: 2, deliveries },
    ]);
    expect(js.info()).toMatchObject({
      num_ack_pending: 0,
      num_redelivered: limit === 1 ? 0 : 2,
      ack_floor: { consumer_seq: 0, stream_seq: 0 },
    });
    // A late ack counts.
    js.ack(ofA[0]);
    expect(js.info().num_redelivered).toBe(limit === 1 ? 0 : 1);
  });

  it("is forgotten if it is deleted", () => {
    const { js } = delivered();
    js.subscribe("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.S.C", 3);
    js.api("STREAM.MSG.DELETE.S", { seq: 2 });
    expect(js.info()).toMatchObject({ num_ack_pending: 2 });
    js.after(1000);
    expect(texts(js.pull())).toEqual(["a", "c"]);
  });

  it("is acknowledged with one after it that is deleted (ack_policy all)", () => {
    const js = new ConsumerHarness();
    js.store("a", "b", "c");
    js.start({ ack_policy: "all" });
    js.pull();
    js.api("STREAM.MSG.DELETE.S", { seq: 2 });
    js.received();
    expect(js.info()).toMatchObject({ num_ack_pending: 1, ack_floor: { consumer_seq: 2, stream_seq: 2 } });
  });

  it("holds back others if too many wait (max_ack_pending)", () => {
    const js = new ConsumerHarness();
    js.store("a", "b", "c");
    js.consumer("C", { max_ack_pending: 2, ack_wait: 1e9 });
    const got = js.pull({ batch: 9 });
    expect(texts(got)).toEqual(["a", "b"]);
    expect(texts(js.ack(got[0]))).toEqual(["c"]);
    // Redelivery needs no room.
    expect(texts(js.after(1000))).toEqual(["b", "c"]);
  });
});
