// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from "vitest";
import { JetStreamHarness } from "../jetstream-harness.ts";

let js: JetStreamHarness;

beforeEach(() => {
  js = new JetStreamHarness();
});

/** Creates a stream S whose messages, stored 100 ms apart, have the subjects s.a, s.b, s.a, s.c. */
function fill(config: object = {}): void {
  js.create("S", { subjects: ["s.*"], allow_direct: true, ...config });
  for (const [i, subject] of ["s.a", "s.b", "s.a", "s.c"].entries()) {
    js.publish(subject, String(i + 1));
    js.advance(100);
  }
}

/** Returns the sequences of a stream. */
function sequences(): number[] {
  return js.jetstream.messages("S").map(({ sequence }) => sequence);
}

describe("STREAM.MSG.GET", () => {
  it.each([
    [{ seq: 2 }, 2],
    [{ last_by_subj: "s.a" }, 3],
    [{ last_by_subj: "s.*" }, 4],
    [{ next_by_subj: "s.a", seq: 2 }, 3],
    [{ next_by_subj: "*.c" }, 4],
    [{ start_time: "2024-01-01T00:00:00.1Z" }, 2],
    [{ next_by_subj: "s.a", start_time: "2024-01-01T00:00:00.05Z" }, 3],
  ])("finds %j", (query, seq) => {
    fill();
    expect(js.api("STREAM.MSG.GET.S", query).message).toMatchObject({ seq });
  });

  it.each([
    [{ seq: 9 }, 10_037],
    [{ last_by_subj: "s.x" }, 10_037],
    [{}, 10_003],
    [{ seq: 1, last_by_subj: "s.a" }, 10_003],
    [{ seq: 1, batch: 2 }, 10_003],
  ])("refuses %j", (query, code) => {
    fill();
    expect(js.api("STREAM.MSG.GET.S", query)).toMatchObject({ error: { err_code: code } });
  });

  it("writes headers and payload in base64", () => {
    fill();
    js.publish("s.a", "hi\xff", ["A: b"]);
    const { hdrs, data } = js.api("STREAM.MSG.GET.S", { seq: 5 }).message;
    expect([atob(hdrs), atob(data)]).toEqual(["NATS/1.0\r\nA: b\r\n\r\n", "hi\xff"]);
  });
});

describe("STREAM.MSG.DELETE", () => {
  it("removes a message, and leaves a gap", () => {
    fill();
    expect(js.api("STREAM.MSG.DELETE.S", { seq: 2, no_erase: true })).toMatchObject({ success: true });
    expect(js.api("STREAM.INFO.S", { deleted_details: true }).state).toMatchObject({ num_deleted: 1, deleted: [2] });
    expect(js.api("STREAM.MSG.DELETE.S", { seq: 2 })).toMatchObject({
      error: { err_code: 10_043, description: "sequence 2 not found" },
    });
  });

  it("is refused if the stream denies it", () => {
    fill({ deny_delete: true });
    expect(js.api("STREAM.MSG.DELETE.S", { seq: 2 })).toMatchObject({ error: { err_code: 10_057 } });
    expect(sequences()).toEqual([1, 2, 3, 4]);
  });
});

describe("STREAM.PURGE", () => {
  it.each([
    [{}, []],
    [{ seq: 3 }, [3, 4]],
    [{ keep: 1 }, [4]],
    [{ keep: 9 }, [1, 2, 3, 4]],
    [{ filter: "s.a" }, [2, 4]],
    [{ filter: "s.a", keep: 1 }, [2, 3, 4]],
    [{ filter: "s.*", seq: 3 }, [3, 4]],
  ])("with %j keeps %j", (request, kept) => {
    fill();
    expect(js.api("STREAM.PURGE.S", request)).toMatchObject({ success: true, purged: 4 - kept.length });
    expect(sequences()).toEqual(kept);
    expect(js.ask("s.a", "x")).toEqual({ stream: "S", seq: 5 });
  });

  it("moves the next sequence beyond the last one", () => {
    fill();
    js.api("STREAM.PURGE.S", { seq: 100 });
    expect(js.ask("s.a", "x")).toEqual({ stream: "S", seq: 100 });
  });

  it("shows where an empty stream begins", () => {
    js.create("E");
    expect(js.api("STREAM.INFO.E").state).toMatchObject({ first_seq: 0, last_seq: 0 });
    js.api("STREAM.PURGE.E");
    expect(js.api("STREAM.INFO.E").state).toMatchObject({ first_seq: 1, last_seq: 0 });
    expect(js.create("F", { first_seq: 1 }).state).toMatchObject({ first_seq: 1, last_seq: 0 });
  });

  it("is refused if the stream denies it", () => {
    fill({ deny_purge: true });
    expect(js.api("STREAM.PURGE.S")).toMatchObject({ error: { err_code: 10_110 } });
  });
});

describe("DIRECT.GET", () => {
  it.each([
    ["$JS.API.DIRECT.GET.S", { seq: 2 }, "2"],
    ["$JS.API.DIRECT.GET.S", { last_by_subj: "s.a" }, "3"],
    ["$JS.API.DIRECT.GET.S.s.a", "", "3"],
  ])("at %s with %j finds a message", (subject, query, payload) => {
    fill();
    expect(js.request(subject, query)).toMatchObject([{ payload }]);
  });

  it.each([
    ["$JS.API.DIRECT.GET.S", "", "NATS/1.0 408 Empty Request"],
    ["$JS.API.DIRECT.GET.S", "{", "NATS/1.0 408 Malformed Request"],
    ["$JS.API.DIRECT.GET.S", { seq: 1, last_by_subj: "s.a" }, "NATS/1.0 408 Bad Request"],
    ["$JS.API.DIRECT.GET.S.s.a", "x", "NATS/1.0 408 Bad Request"],
    ["$JS.API.DIRECT.GET.S", { seq: 9 }, "NATS/1.0 404 Message Not Found"],
    ["$JS.API.DIRECT.GET.S", { multi_last: ["x.>"] }, "NATS/1.0 404 No Results"],
    ["$JS.API.DIRECT.GET.T", { seq: 1 }, "NATS/1.0 503"],
  ])("at %s with %j is answered %s", (subject, query, status) => {
    fill();
    expect(js.request(subject, query)).toMatchObject([{ headers: [status] }]);
  });

  it("answers a batch, and how many messages are left", () => {
    fill();
    const answers = js.request("$JS.API.DIRECT.GET.S", { seq: 2, batch: 2 });
    expect(answers.map(({ payload, headers }) => [payload, ...headers.slice(-2)])).toEqual([
      ["2", "Nats-Num-Pending: 3", "Nats-Last-Sequence: 0"],
      ["3", "Nats-Num-Pending: 2", "Nats-Last-Sequence: 2"],
      ["", "Nats-Num-Pending: 1", "Nats-Last-Sequence: 3"],
    ]);
    expect(answers[2]?.headers[0]).toBe("NATS/1.0 204 EOB");
  });

  it("answers the last messages of subjects, up to a sequence or time", () => {
    fill();
    const last = (query: object): string[] =>
      js.request("$JS.API.DIRECT.GET.S", query).map(({ payload, headers }) => payload || headers.slice(0, 4).join());
    const ending = (last: number, upTo: number): string =>
      `NATS/1.0 204 EOB,Nats-Num-Pending: 0,Nats-Last-Sequence: ${last},Nats-UpTo-Sequence: ${upTo}`;
    expect(last({ multi_last: ["s.*"] })).toEqual(["2", "3", "4", ending(4, 4)]);
    expect(last({ multi_last: ["s.a", "s.b"], up_to_seq: 2 })).toEqual(["1", "2", ending(2, 2)]);
    expect(last({ multi_last: ["s.*"], up_to_time: "2024-01-01T00:00:00.15Z" })).toEqual(["1", "2", ending(2, 2)]);
  });

  it("refuses to answer with more than 1024 messages", () => {
    js.create("S", { subjects: ["s.*"], allow_direct: true });
    for (let i = 0; i < 1025; i++) js.publish(`s.${i}`);
    expect(js.request("$JS.API.DIRECT.GET.S", { multi_last: ["s.*"] })).toMatchObject([
      { headers: ["NATS/1.0 413 Too Many Results"] },
    ]);
  });
});
