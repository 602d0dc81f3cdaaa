// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { JetStreamHarness } from "../jetstream-harness.ts";

const SECOND = 1_000_000_000;
let js: JetStreamHarness;

beforeEach(() => {
  js = new JetStreamHarness();
});

/** Returns the messages of a stream as `sequence subject`. */
function stored(stream = "S"): string[] {
  return js.jetstream.messages(stream).map(({ sequence, subject }) => `${sequence} ${subject}`);
}

function publish(...subjects: string[]): void {
  for (const subject of subjects) js.publish(subject, "x");
}

describe("a limit", () => {
  it("of messages removes the oldest", () => {
    js.create("S", { subjects: ["s.*"], max_msgs: 2 });
    publish("s.a", "s.b", "s.c");
    expect(stored()).toEqual(["2 s.b", "3 s.c"]);
  });

  it("of bytes removes the oldest", () => {
    // 20 bytes each: 16, the subject and the payload.
    js.create("S", { subjects: ["s.*"], max_bytes: 40 });
    publish("s.a", "s.b", "s.c");
    expect(stored()).toEqual(["2 s.b", "3 s.c"]);
    expect(js.api("STREAM.INFO.S").state.bytes).toBe(40);
  });

  it("of messages of a subject removes its oldest", () => {
    js.create("S", { subjects: ["s.*"], max_msgs_per_subject: 1 });
    publish("s.a", "s.b", "s.a");
    expect(stored()).toEqual(["2 s.b", "3 s.a"]);
  });

  it("that is lowered removes what is above it", () => {
    const config = { subjects: ["s.*"] };
    js.create("S", config);
    publish("s.a", "s.a", "s.b", "s.c");
    js.api("STREAM.UPDATE.S", { name: "S", storage: "memory", ...config, max_msgs_per_subject: 1, max_msgs: 2 });
    expect(stored()).toEqual(["3 s.b", "4 s.c"]);
  });
});

describe("a stream that discards new messages", () => {
  it.each([
    ["maximum messages exceeded", { max_msgs: 2 }],
    ["maximum bytes exceeded", { max_bytes: 60 }],
    ["maximum messages per subject exceeded", { max_msgs_per_subject: 1, discard_new_per_subject: true }],
  ])("answers %s", (description, limit) => {
    js.create("S", { subjects: ["s.*"], discard: "new", ...limit });
    publish("s.a", "s.b");
    expect(js.ask("s.a", "x")).toEqual({ error: { code: 503, err_code: 10_077, description }, stream: "S", seq: 0 });
    expect(stored()).toEqual(["1 s.a", "2 s.b"]);
  });

  it("replaces the oldest message of a subject at its own limit", () => {
    js.create("S", { subjects: ["s.*"], discard: "new", max_msgs: 2, max_msgs_per_subject: 1 });
    publish("s.a", "s.b", "s.a", "s.c");
    expect(stored()).toEqual(["2 s.b", "3 s.a"]);
  });
});

describe("the age of messages", () => {
  it("removes them exactly at max_age", () => {
    js.create("S", { subjects: ["s.*"], max_age: SECOND });
    publish("s.a");
    js.advance(400);
    publish("s.b");
    js.advance(599);
    expect(stored()).toEqual(["1 s.a", "2 s.b"]);
    js.advance(1);
    expect(stored()).toEqual(["2 s.b"]);
    js.advance(400);
    expect(js.api("STREAM.INFO.S").state).toMatchObject({ messages: 0, first_seq: 3, last_seq: 2 });
  });

  it("is measured anew after max_age is changed", () => {
    const config = { name: "S", storage: "memory", subjects: ["s.*"] };
    js.create("S", { ...config, max_age: 10 * SECOND });
    publish("s.a");
    js.advance(2000);
    js.api("STREAM.UPDATE.S", { ...config, max_age: SECOND });
    js.advance(0);
    expect(stored()).toEqual([]);
  });
});

describe("a TTL of a message", () => {
  it("removes it, whatever was stored before it", () => {
    js.create("S", { subjects: ["s.*"], allow_msg_ttl: true });
    publish("s.a");
    js.publish("s.b", "", ["Nats-TTL: 1"]);
    js.publish("s.c", "", ["Nats-TTL: 1m30s"]);
    js.advance(1000);
    expect(stored()).toEqual(["1 s.a", "3 s.c"]);
    js.advance(89_000);
    expect(stored()).toEqual(["1 s.a"]);
  });

  it("keeps it beyond max_age if it is never", () => {
    js.create("S", { subjects: ["s.*"], allow_msg_ttl: true, max_age: SECOND });
    js.publish("s.a", "", ["Nats-TTL: never"]);
    publish("s.b");
    js.advance(5000);
    expect(stored()).toEqual(["1 s.a"]);
  });

  it.each(["soon", "0", "500ms", "-1s"])("is refused if it is %s", (ttl) => {
    js.create("S", { subjects: ["s.*"], allow_msg_ttl: true });
    expect(js.ask("s.a", "", [`Nats-TTL: ${ttl}`])).toMatchObject({ error: { code: 400, err_code: 10_165 } });
  });

  it("is refused if the stream does not allow it", () => {
    js.create("S", { subjects: ["s.*"] });
    expect(js.ask("s.a", "", ["Nats-TTL: 5"])).toMatchObject({ error: { code: 400, err_code: 10_166 } });
  });
});

describe("a delete marker", () => {
  const config = { subjects: ["s.*"], max_age: SECOND, subject_delete_marker_ttl: 65 * SECOND };

  it("replaces the last message of a subject that expires", () => {
    js.create("S", config);
    publish("s.a", "s.a", "s.b");
    js.advance(1000);
    expect(stored()).toEqual(["4 s.a", "5 s.b"]);
    const [marker] = js.jetstream.messages("S");
    expect([...marker!.headers!]).toEqual([
      ["Nats-Marker-Reason", "MaxAge"],
      ["Nats-TTL", "1m5s"],
      ["Nats-Rollup", "sub"],
    ]);
  });

  it("leaves none itself", () => {
    js.create("S", config);
    publish("s.a");
    js.advance(70_000);
    expect(stored()).toEqual([]);
  });
});

describe("limits of a stream", () => {
  it("are never exceeded, and no sequence is used twice", () => {
    const action = fc.oneof(
      fc.record({ subject: fc.constantFrom("s.a", "s.b", "s.c"), size: fc.nat(30) }),
      fc.record({ wait: fc.nat(400) }),
      fc.record({ remove: fc.nat(20) }),
    );
    const limits = fc.record({
      max_msgs: fc.integer({ min: -1, max: 6 }),
      max_bytes: fc.constantFrom(-1, 90, 200),
      max_msgs_per_subject: fc.integer({ min: -1, max: 3 }),
      max_age: fc.constantFrom(0, SECOND / 2),
      discard: fc.constantFrom("old", "new"),
    });
    fc.assert(
      fc.property(limits, fc.array(action, { maxLength: 40 }), (config, actions) => {
        js = new JetStreamHarness();
        js.create("S", { subjects: ["s.*"], duplicate_window: SECOND / 2, ...config });
        let last = 0;
        for (const one of actions) {
          if ("wait" in one) js.advance(one.wait);
          else if ("remove" in one) js.api("STREAM.MSG.DELETE.S", { seq: one.remove });
          else {
            const { seq, error } = js.ask(one.subject, "x".repeat(one.size));
            if (error === undefined) expect(seq).toBe(++last);
          }
          const { messages, bytes } = js.api("STREAM.INFO.S").state;
          if (config.max_msgs > 0) expect(messages).toBeLessThanOrEqual(config.max_msgs);
          if (config.max_bytes > 0) expect(bytes).toBeLessThanOrEqual(config.max_bytes);
          const all = js.jetstream.messages("S");
          const oldest = js.server.now + 1_704_067_200_000 - 500;
          if (config.max_age > 0) expect(all.every(({ time }) => time > oldest)).toBe(true);
          for (const subject of ["s.a", "s.b", "s.c"]) {
            const count = all.filter((message) => message.subject === subject).length;
            if (config.max_msgs_per_subject > 0) expect(count).toBeLessThanOrEqual(config.max_msgs_per_subject);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
