// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import * as js from "../../src/jetstream.ts";
import { payload } from "./text.ts";

const info: js.DeliveryInfo = {
  stream: "ST",
  consumer: "D",
  deliveries: 1n,
  streamSequence: 2n,
  consumerSequence: 3n,
  timestamp: 4n,
  pending: 5n,
};
const batch: js.BatchReply = { prefix: "r.x", id: "u", flow: 5, gap: "ok", sequence: 2n, operation: "append" };
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const MAX = 2n ** 64n - 1n;

describe("Writers of JetStream", () => {
  it.each([
    ["+ACK", () => js.ack()],
    ["-NAK", () => js.nak()],
    ["-NAK", () => js.nak({ delay: 0n })],
    ["-NAK", () => js.nak({ delay: undefined })],
    ['-NAK {"delay":5000000000}', () => js.nak({ delay: 5_000_000_000n })],
    ["+WPI", () => js.progress()],
    ["+TERM", () => js.term()],
    ["+TERM no such article", () => js.term("no such article")],
    ["+TERM one\r\ntwo", () => js.term("one\r\ntwo")],
    ["+NXT", () => js.next()],
    ["+NXT", () => js.next({})],
    ['+NXT {"batch":5,"no_wait":true}', () => js.next({ batch: 5, noWait: true })],
    ["", () => js.pullRequest()],
    ["", () => js.pullRequest({ noWait: false, expires: 0n, group: "" })],
    [
      '{"batch":9,"expires":10,"no_wait":true,"max_bytes":8,"idle_heartbeat":5,"group":"A","min_pending":1,' +
        '"min_ack_pending":2,"id":"\\"","priority":9}',
      () =>
        js.pullRequest({
          priority: 9,
          id: '"',
          minAckPending: 2n,
          minPending: 1n,
          group: "A",
          idleHeartbeat: 5n,
          maxBytes: 8,
          noWait: true,
          expires: 10n,
          batch: 9,
        }),
    ],
    [
      `{"stream":"ST","seq":${MAX},"duplicate":true,"domain":"hub","val":"7","batch":"u","count":2}`,
      () =>
        js.pubAck({ stream: "ST", sequence: MAX, duplicate: true, domain: "hub", value: "7", batch: "u", count: 2n }),
    ],
    [
      '{"error":{"code":400,"err_code":10071,"description":"wrong"},"stream":"ST","seq":0}',
      () => js.pubAck({ error: { code: 400, errCode: 10_071, description: "wrong" }, stream: "ST" }),
    ],
    ['{"error":{"code":503}}', () => js.pubAck({ error: { code: 503, description: "" } })],
  ])("return the payload %s", (expected, written) => {
    expect(text(written())).toBe(expected);
  });

  it.each([
    ["$JS.ACK.ST.D.1.2.3.4.5", () => js.ackSubject(info)],
    ["$JS.ACK._.hash.ST.D.1.2.3.4.5", () => js.ackSubject({ ...info, accountHash: "hash" })],
    ["$JS.ACK.hub.hash.ST.D.1.2.3.4.5", () => js.ackSubject({ ...info, accountHash: "hash", domain: "hub" })],
    ["r.x.u.5.ok.2.1.$FI", () => js.batchReply(batch)],
    ["$JS.API.INFO", () => js.apiSubject({ api: "INFO" })],
    ["$JS.hub.API.STREAM.INFO.ST", () => js.apiSubject({ api: "STREAM.INFO", stream: "ST", domain: "hub" })],
    ["acme.js.STREAM.INFO.ST", () => js.apiSubject({ api: "STREAM.INFO", stream: "ST", prefix: "acme.js" })],
    [
      "$JS.API.CONSUMER.CREATE.ST.D.a.*.>",
      () => js.apiSubject({ api: "CONSUMER.CREATE", stream: "ST", consumer: "D", subject: "a.*.>" }),
    ],
  ])("return the subject %s", (expected, written) => {
    expect(written()).toBe(expected);
  });

  it.each([
    ["stream must be one token", "BAD_SUBJECT", () => js.ackSubject({ ...info, stream: "a.b" })],
    ["consumer must be one token", "BAD_SUBJECT", () => js.ackSubject({ ...info, consumer: "a b" })],
    ["stream must be one token", "BAD_SUBJECT", () => js.ackSubject({ ...info, stream: "a*" })],
    ["stream must be one token", "BAD_SUBJECT", () => js.ackSubject({ ...info, stream: "a\r\nPUB" })],
    ["stream must be one token", "BAD_SUBJECT", () => js.ackSubject({ ...info, stream: "\ud800" })],
    [
      'stream must be one token, without blanks, control characters, "*" and ">", not ""',
      "BAD_SUBJECT",
      () => js.ackSubject({ ...info, stream: "" }),
    ],
    ["stream must be one token", "BAD_SUBJECT", () => js.ackSubject({ ...info, stream: undefined as never })],
    ["accountHash must be one token", "BAD_SUBJECT", () => js.ackSubject({ ...info, accountHash: ">" })],
    ["domain must be one token", "BAD_SUBJECT", () => js.ackSubject({ ...info, accountHash: "h", domain: "a.b" })],
    [
      'the domain cannot be "_", which stands for none',
      "BAD_SUBJECT",
      () => js.ackSubject({ ...info, accountHash: "h", domain: "_" }),
    ],
    ["a domain needs an accountHash", "BAD_FIELD", () => js.ackSubject({ ...info, domain: "hub" })],
    [
      `pending must be a bigint from 0 to ${MAX}, not 5`,
      "BAD_NUMBER",
      () => js.ackSubject({ ...info, pending: 5 as never }),
    ],
    [
      `pending must be a bigint from 0 to ${MAX}, not -1n`,
      "BAD_NUMBER",
      () => js.ackSubject({ ...info, pending: -1n }),
    ],
    ["streamSequence must be a bigint", "BAD_NUMBER", () => js.ackSubject({ ...info, streamSequence: MAX + 1n })],
    [
      "timestamp must be a bigint from 0 to 9223372036854775807",
      "BAD_NUMBER",
      () => js.ackSubject({ ...info, timestamp: 2n ** 63n }),
    ],
    [
      'unknown field "seq" of ackSubject(); the fields are domain, accountHash,',
      "BAD_FIELD",
      () => js.ackSubject({ ...info, seq: 1n } as never),
    ],
    ["ackSubject() needs an object, not null", "BAD_FIELD", () => js.ackSubject(null as never)],
    ["nak() needs an object, not a bigint", "BAD_FIELD", () => js.nak(5n as never)],
    ['unknown field "wait" of nak(); the fields are delay', "BAD_FIELD", () => js.nak({ wait: 5n } as never)],
    ["delay must be a bigint from 0 to 9223372036854775807, not 5", "BAD_NUMBER", () => js.nak({ delay: 5 as never })],
    ["reason must be a text without white space at its ends", "BAD_FIELD", () => js.term("")],
    ["reason must be a text", "BAD_FIELD", () => js.term(" a")],
    ["reason must be a text", "BAD_FIELD", () => js.term("a\ud800")],
    ["reason must be a text", "BAD_FIELD", () => js.term(7 as never)],
    [
      "batch must be a whole number from 0 to 9007199254740991, not 1.5",
      "BAD_NUMBER",
      () => js.pullRequest({ batch: 1.5 }),
    ],
    ["batch must be a whole number", "BAD_NUMBER", () => js.pullRequest({ batch: 1n as never })],
    ["batch must be a whole number", "BAD_NUMBER", () => js.pullRequest({ batch: -1 })],
    ["batch must be a whole number", "BAD_NUMBER", () => js.next({ batch: Number.NaN })],
    ["priority must be a whole number from 0 to 9, not 10", "BAD_NUMBER", () => js.pullRequest({ priority: 10 })],
    [
      "idleHeartbeat must be at most half of expires, not 6n",
      "BAD_NUMBER",
      () => js.pullRequest({ expires: 11n, idleHeartbeat: 6n }),
    ],
    [
      "idleHeartbeat must be at most half of expires, not 1n",
      "BAD_NUMBER",
      () => js.pullRequest({ idleHeartbeat: 1n }),
    ],
    ['noWait must be a boolean, not "yes"', "BAD_FIELD", () => js.pullRequest({ noWait: "yes" as never })],
    ["group must be a text, not 7", "BAD_FIELD", () => js.pullRequest({ group: 7 as never })],
    ["id must be a text", "BAD_FIELD", () => js.pullRequest({ id: "\udc00" })],
    ['unknown field "max_bytes" of pullRequest()', "BAD_FIELD", () => js.pullRequest({ max_bytes: 1 } as never)],
    ["stream must be one token", "BAD_SUBJECT", () => js.pubAck({ sequence: 1n, duplicate: false } as never)],
    [
      "sequence must be a bigint from 1",
      "BAD_NUMBER",
      () => js.pubAck({ stream: "ST", sequence: 0n, duplicate: false }),
    ],
    [
      "code must be a whole number from 0 to 65535",
      "BAD_NUMBER",
      () => js.pubAck({ error: { code: 65_536, description: "" } }),
    ],
    [
      'unknown field "sequence" of pubAck() with an error',
      "BAD_FIELD",
      () => js.pubAck({ error: { code: 1, description: "" }, sequence: 1n } as never),
    ],
    ['unknown field "err_code" of error', "BAD_FIELD", () => js.pubAck({ error: { err_code: 1 } as never })],
    [
      'unknown field "seq" of pubAck(); the fields are error, stream',
      "BAD_FIELD",
      () => js.pubAck({ stream: "ST", seq: 1n } as never),
    ],
    ['"a..b" is not a valid prefix', "BAD_SUBJECT", () => js.batchReply({ ...batch, prefix: "a..b" })],
    ["id must be one token", "BAD_SUBJECT", () => js.batchReply({ ...batch, id: "a.b" })],
    ["flow must be a whole number from 1 to 65535, not 0", "BAD_NUMBER", () => js.batchReply({ ...batch, flow: 0 })],
    [
      "sequence must be a bigint from 1 to 18446744073709551614, not 18446744073709551615n",
      "BAD_NUMBER",
      () => js.batchReply({ ...batch, sequence: MAX }),
    ],
    [
      "sequence must be a bigint from 1",
      "BAD_NUMBER",
      () => js.batchReply({ ...batch, sequence: 0n, operation: "ping" }),
    ],
    ["the sequence of append cannot be 1", "BAD_NUMBER", () => js.batchReply({ ...batch, sequence: 1n })],
    ["the sequence of start cannot be 2", "BAD_NUMBER", () => js.batchReply({ ...batch, operation: "start" })],
    ['gap must be "fail" or "ok"', "BAD_FIELD", () => js.batchReply({ ...batch, gap: "no" as never })],
    [
      "operation must be one of start, append, commit, commit-eob, ping",
      "BAD_FIELD",
      () => js.batchReply({ ...batch, operation: "end" as never }),
    ],
    [
      'unknown field "name" of batchReply(); the fields are prefix, id,',
      "BAD_FIELD",
      () => js.batchReply({ ...batch, name: "" } as never),
    ],
    ['unknown api "STREAM.SING"', "BAD_FIELD", () => js.apiSubject({ api: "STREAM.SING" } as never)],
    ["STREAM.INFO takes stream", "BAD_FIELD", () => js.apiSubject({ api: "STREAM.INFO" } as never)],
    ["INFO takes no names", "BAD_FIELD", () => js.apiSubject({ api: "INFO", stream: "ST" } as never)],
    [
      "DIRECT.GET takes stream, or stream subject",
      "BAD_FIELD",
      () => js.apiSubject({ api: "DIRECT.GET", stream: "ST", consumer: "D" } as never),
    ],
    [
      "CONSUMER.CREATE takes stream, or",
      "BAD_FIELD",
      () => js.apiSubject({ api: "CONSUMER.CREATE", stream: "ST", subject: "a" }),
    ],
    [
      "give a domain or a prefix, not both",
      "BAD_FIELD",
      () => js.apiSubject({ api: "INFO", domain: "hub", prefix: "a" }),
    ],
    ["domain must be one token", "BAD_SUBJECT", () => js.apiSubject({ api: "INFO", domain: "a.b" })],
    ['"a.>" is not a valid prefix', "BAD_SUBJECT", () => js.apiSubject({ api: "INFO", prefix: "a.>" })],
    ["stream must be one token", "BAD_SUBJECT", () => js.apiSubject({ api: "STREAM.INFO", stream: "a.b" })],
    [
      '"a b" is not a valid subject: it contains a space',
      "BAD_SUBJECT",
      () => js.apiSubject({ api: "DIRECT.GET", stream: "ST", subject: "a b" }),
    ],
    [
      'unknown field "name" of apiSubject(); the fields are api, domain, prefix, stream, consumer, subject',
      "BAD_FIELD",
      () => js.apiSubject({ api: "INFO", name: "" } as never),
    ],
  ] as const)("throw a UsageError: %s (%s)", (message, code, write) => {
    let thrown: unknown;
    try {
      write();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(js.UsageError);
    expect((thrown as js.UsageError).code).toBe(code);
    expect((thrown as js.UsageError).message.startsWith(message)).toBe(true);
  });
});

describe("An ack subject", () => {
  it("may have a stream named _", () => {
    expect(js.parseAckSubject("$JS.ACK._.D.1.2.3.4.5")).toEqual({ ...info, stream: "_" });
  });
});

describe("The prefix of an imported API", () => {
  it("is the one that is given", () => {
    const request = { api: "STREAM.INFO", stream: "ST", domain: undefined, prefix: "acme.js" };
    expect(js.parseApiSubject("acme.js.STREAM.INFO.ST", "acme.js")).toEqual(request);
    expect(js.parseApiSubject("$JS.API.STREAM.INFO.ST", "acme.js")).toBeUndefined();
    expect(js.parseApiSubject("acme.jsx.STREAM.INFO.ST", "acme.js")).toBeUndefined();
  });
});

describe("A delay as a duration of Go", () => {
  it.each([
    ["1ns", 1n],
    ["1us", 1_000n],
    ["1µs", 1_000n],
    ["1μs", 1_000n],
    ["1ms", 1_000_000n],
    ["1s", 1_000_000_000n],
    ["1m", 60_000_000_000n],
    ["1h", 3_600_000_000_000n],
    ["+1h2m3s", 3_723_000_000_000n],
    [".5s", 500_000_000n],
    ["1.s", 1_000_000_000n],
    ["0.000000001s", 1n],
    ["0.1234567891234567891234s", 123_456_789n],
    ["9223372036854775807ns", 2n ** 63n - 1n],
    ["9223372036854775808ns", undefined],
    ["9223372036s9223372036s", undefined],
    ["00000000000000000001s", undefined],
    ["-1s", undefined],
    ["+0", undefined],
    ["1", undefined],
    ["s", undefined],
    [".s", undefined],
    ["1d", undefined],
    ["1s ", 1_000_000_000n],
    ["1s 2s", undefined],
    ["1s2", undefined],
    ["++1s", undefined],
    ["toString", undefined],
    ["", undefined],
  ])("is read, or is no delay: %j", (duration, delay) => {
    expect(js.parseAck(payload(`-NAK ${duration}`))).toEqual({ kind: "nak", delay });
  });

  it("is rounded down to nanoseconds, and its fraction may have any length", () => {
    const long = `-NAK 1.${"9".repeat(100_000)}h`;
    expect(js.parseAck(payload(long))).toEqual({ kind: "nak", delay: 7_199_999_999_999n });
  });
});

describe("The time of a stored message", () => {
  const read = (time: string): bigint | undefined => {
    const message = js.parseStoredMessage(payload(`{"message":{"subject":"a","seq":1,"time":"${time}"}}`));
    return message?.error === undefined ? message?.timestamp : undefined;
  };

  it("is that of Date, for every day of four centuries and some months", () => {
    for (let day = Date.UTC(1970, 0, 1); day < Date.UTC(2373, 0, 1); day += 86_400_000) {
      const time = new Date(day + (day % 86_399) * 1000).toISOString();
      if (read(time) !== BigInt(Date.parse(time)) * 1_000_000n) expect(time).toBe("read");
    }
    expect(read("0001-02-03T04:05:06Z")).toBe(BigInt(Date.parse("0001-02-03T04:05:06Z")) * 1_000_000n);
  });

  it.each([
    "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-12-32T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-13-10T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:60Z",
    "2026-01-01T00:00:00.1234567890Z",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00+01:00",
    "2026-01-01T00:00:00",
    "x2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Zx",
  ])("is malformed: %s", (time) => {
    expect(read(time)).toBeUndefined();
  });
});
