// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ConsumerHarness, texts } from "./consumer-harness.ts";

const left = (js: ConsumerHarness): number => js.api("STREAM.INFO.S").state.messages;

describe("a work queue", () => {
  const open = (): ConsumerHarness => new ConsumerHarness({ retention: "workqueue" });

  it("keeps a message until it is acknowledged", () => {
    const js = open();
    js.store("a", "b");
    js.consumer();
    const got = js.pull();
    expect(left(js)).toBe(2);
    js.ack(got[1]);
    expect(left(js)).toBe(1);
    js.ack(got[0], "+TERM");
    expect(left(js)).toBe(0);
    expect(js.info()).toMatchObject({ num_pending: 0, num_ack_pending: 0 });
  });

  it.each([
    [10098, { ack_policy: "all" }, undefined],
    [10084, { ack_policy: "none" }, undefined],
    [10101, { deliver_policy: "new" }, undefined],
    [10099, {}, "s.a"],
    [10100, { filter_subject: "s.*" }, "s.a"],
    [10100, { filter_subjects: ["s.c", "s.a"] }, "s.a"],
    [10100, { filter_subject: "s.a" }, "none"],
    [undefined, { filter_subject: "s.b" }, "s.a"],
  ])("has one consumer for each subject: %s %j beside %s", (code, config, other) => {
    const js = open();
    if (other !== undefined) js.consumer("O", other === "none" ? {} : { filter_subject: other });
    expect(js.errorOf("C", config)).toBe(code);
  });

  it("refuses an update that takes the subjects of another consumer", () => {
    const js = open();
    js.consumer("C", { filter_subject: "s.a" });
    js.consumer("D", { filter_subject: "s.b" });
    expect(js.consumer("C", { filter_subject: "s.*" }).error.err_code).toBe(10100);
    expect(js.consumer("C", { filter_subject: "s.c" }).error).toBeUndefined();
  });
});

describe("a stream with interest retention", () => {
  const open = (): ConsumerHarness => new ConsumerHarness({ retention: "interest" });

  it("keeps nothing that no consumer wants", () => {
    const js = open();
    js.store("a");
    js.consumer("C", { filter_subject: "s.b" });
    js.store("a", "b");
    expect(left(js)).toBe(1);
    expect(js.info().num_pending).toBe(1);
  });

  it("keeps a message until all consumers that match have acknowledged it", () => {
    const js = open();
    js.consumer("C");
    js.consumer("D", { filter_subject: "s.b" });
    js.store("a", "b");
    for (const message of js.pull({}, "C")) js.ack(message);
    expect(left(js)).toBe(1);
    const [message] = js.pull({}, "D");
    js.ack(message);
    expect(left(js)).toBe(0);
  });

  it("removes a message when it is delivered (ack_policy none)", () => {
    const js = open();
    js.consumer("C", { ack_policy: "none" });
    js.store("a", "b");
    expect(texts(js.pull({ batch: 1 }))).toEqual(["a"]);
    expect(left(js)).toBe(1);
  });

  it("removes what one ack acknowledges (ack_policy all)", () => {
    const js = open();
    js.consumer("C", { ack_policy: "all" });
    js.store("a", "b", "c");
    js.ack(js.pull()[1]);
    expect(left(js)).toBe(1);
  });

  it("removes what a deleted consumer, or its old filter, kept", () => {
    const js = open();
    js.consumer("C");
    js.consumer("D", { filter_subject: "s.a" });
    js.store("a", "b", "c");
    js.consumer("C", { filter_subject: "s.b" });
    expect(left(js)).toBe(2);
    js.api("CONSUMER.DELETE.S.C");
    expect(left(js)).toBe(1);
    js.api("CONSUMER.DELETE.S.D");
    expect(left(js)).toBe(0);
  });

  it("keeps a message that was delivered too often, until a late ack", () => {
    const js = open();
    js.consumer("C", { max_deliver: 1, ack_wait: 1e9 });
    js.store("a");
    const [message] = js.pull({ batch: 5 });
    js.after(5000);
    expect(js.info().num_ack_pending).toBe(0);
    expect(left(js)).toBe(1);
    js.ack(message);
    expect(left(js)).toBe(0);
  });
});
