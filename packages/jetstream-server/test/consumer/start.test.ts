// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ConsumerHarness, texts } from "./consumer-harness.ts";

/** A stream with messages `a1`, `b2`, `a3`, `c4`, `b5`, one each second from 2024-01-01T00:00:00Z on. */
function stored(): ConsumerHarness {
  const js = new ConsumerHarness();
  for (const text of ["a1", "b2", "a3", "c4", "b5"]) {
    js.publish(`s.${text[0]}`, text);
    js.after(1000);
  }
  return js;
}

const rows: readonly (readonly [config: object, expected: string])[] = [
  [{}, "a1 b2 a3 c4 b5"],
  [{ filter_subject: "s.b" }, "b2 b5"],
  [{ filter_subjects: ["s.a", "s.c"] }, "a1 a3 c4"],
  [{ filter_subject: "s.*" }, "a1 b2 a3 c4 b5"],
  [{ filter_subject: "other" }, ""],
  [{ deliver_policy: "last" }, "b5"],
  [{ deliver_policy: "last", filter_subject: "s.a" }, "a3"],
  [{ deliver_policy: "last", filter_subjects: ["s.a", "s.c"] }, "c4"],
  [{ deliver_policy: "new" }, ""],
  [{ deliver_policy: "by_start_sequence", opt_start_seq: 4 }, "c4 b5"],
  [{ deliver_policy: "by_start_sequence", opt_start_seq: 2, filter_subject: "s.a" }, "a3"],
  [{ deliver_policy: "by_start_time", opt_start_time: "2024-01-01T00:00:02Z" }, "a3 c4 b5"],
  [{ deliver_policy: "by_start_time", opt_start_time: "2024-01-01T01:00:01.5+01:00" }, "a3 c4 b5"],
  [{ deliver_policy: "by_start_time", opt_start_time: "2030-01-01T00:00:00Z" }, ""],
  [{ deliver_policy: "last_per_subject", filter_subject: "s.>" }, "a3 c4 b5"],
  [{ deliver_policy: "last_per_subject", filter_subjects: ["s.a", "s.b"] }, "a3 b5"],
];

describe("a consumer", () => {
  it.each(rows)("starts where it says: %j", (config, expected) => {
    const js = stored();
    const created = js.consumer("C", config);
    const got = texts(js.pull({ batch: 100 }));
    expect(got.join(" ")).toBe(expected);
    expect(created.num_pending).toBe(got.length);
    expect(js.info().num_pending).toBe(0);
    js.publish("s.a", "a6");
    expect(texts(js.received())).toEqual(js.info().config.filter_subject?.match(/b|other/) ? [] : ["a6"]);
  });

  it("waits for a sequence that was not used yet", () => {
    const js = stored();
    expect(js.consumer("C", { deliver_policy: "by_start_sequence", opt_start_seq: 7 }).num_pending).toBe(0);
    js.store("six", "seven");
    expect(js.info().num_pending).toBe(1);
    expect(texts(js.pull())).toEqual(["seven"]);
  });

  it("skips messages that are deleted before it delivers them", () => {
    const js = stored();
    js.consumer("C", { deliver_policy: "last_per_subject", filter_subject: "s.>" });
    js.consumer("D");
    js.api("STREAM.MSG.DELETE.S", { seq: 3 });
    js.api("STREAM.MSG.DELETE.S", { seq: 1 });
    expect(js.info().num_pending).toBe(2);
    expect(texts(js.pull())).toEqual(["c4", "b5"]);
    expect(js.info("D").num_pending).toBe(3);
    expect(texts(js.pull({ batch: 5 }, "D"))).toEqual(["b2", "c4", "b5"]);
  });

  it("continues after a purge", () => {
    const js = stored();
    js.consumer();
    js.pull({ batch: 2 });
    js.api("STREAM.PURGE.S", { keep: 1 });
    expect(js.info()).toMatchObject({
      num_pending: 1,
      num_ack_pending: 0,
      delivered: { consumer_seq: 2, stream_seq: 4 },
      ack_floor: { consumer_seq: 2, stream_seq: 4 },
    });
    expect(texts(js.pull())).toEqual(["b5"]);
  });

  it("counts a message once that replaces all others (Nats-Rollup)", () => {
    const js = new ConsumerHarness({ allow_rollup_hdrs: true });
    js.store("a", "b");
    js.consumer();
    js.publish("s.c", "c", ["Nats-Rollup: all"]);
    expect(js.info().num_pending).toBe(1);
    expect(texts(js.pull())).toEqual(["c"]);
    expect(js.info().num_pending).toBe(0);
  });

  it("delivers what did not pass before, after its filter is widened", () => {
    const js = new ConsumerHarness();
    js.consumer("C", { filter_subject: "s.a" });
    js.store("b", "a", "b");
    expect(js.consumer("C").num_pending).toBe(3);
    expect(texts(js.pull({ batch: 2 }))).toEqual(["b", "a"]);
    expect(js.consumer("C", { filter_subject: "s.a" }).num_pending).toBe(0);
  });

  it("counts only what is left after a purge of a subject", () => {
    const js = stored();
    js.consumer();
    js.api("STREAM.PURGE.S", { filter: "s.a" });
    expect(js.info().num_pending).toBe(3);
    expect(texts(js.pull())).toEqual(["b2", "c4", "b5"]);
  });
});
