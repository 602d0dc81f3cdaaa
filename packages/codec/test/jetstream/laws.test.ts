// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as arbitrary from "../../src/arbitrary.ts";
import { decodeHeaders } from "../../src/index.ts";
import * as js from "../../src/jetstream.ts";
import { runs } from "../runs.ts";
import { jsonOf, payload } from "./text.ts";

function writeAck(ack: js.Ack): Uint8Array {
  switch (ack.kind) {
    case "ack":
      return js.ack();
    case "nak":
      return js.nak({ delay: ack.delay });
    case "progress":
      return js.progress();
    case "term":
      return js.term(ack.reason);
    case "next":
      return js.next(ack.pull);
  }
}

/** Tests that what is written is read back: each pair of functions, for all values. */
describe("JetStream values", () => {
  const laws: [string, fc.IProperty<[never]>][] = [
    ["an ack subject", law(arbitrary.deliveryInfo, (info) => js.parseAckSubject(js.ackSubject(info)))],
    ["an ack", law(arbitrary.clientAck, (ack) => js.parseAck(writeAck(ack)))],
    ["a pull request", law(arbitrary.pull, (pull) => js.parsePull(js.pullRequest(pull)))],
    ["a publish ack", law(arbitrary.pubAckAnswer, (ack) => js.parsePubAck(js.pubAck(ack)))],
    ["a batch reply", law(arbitrary.fastBatchReply, (reply) => js.parseBatchReply(js.batchReply(reply)))],
    [
      "an API subject",
      law(arbitrary.apiRequest, (request) => js.parseApiSubject(js.apiSubject(request), request.prefix)),
    ],
  ];
  it.each(laws)("come back if they are written and read: %s", (_, property) => fc.assert(property, runs(1000)));

  it("keep every digit of a sequence of 64 bits", () => {
    const sequence = fc.oneof(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), fc.constant(2n ** 64n - 1n));
    const property = fc.property(sequence, fc.jsonValue(), (seq, other) => {
      const text = `{"other":${JSON.stringify(other)}, "seq" :${seq} ,"stream":"a","more":[1e3,-0.5,"\\"7"]}`;
      expect(js.parsePubAck(payload(text))).toEqual({ stream: "a", sequence: seq, duplicate: false });
    });
    fc.assert(property, runs(300));
  });
});

/** Tests that no input makes a reading function throw. */
describe("Readers of JetStream", () => {
  const words =
    '$JS. ACK. API. .$FI {" ":} seq stream 18446744073709551615 -NAK +NXT +TERM 1.5h \\u00 null [ ] . , 1e9 _';
  const soup = fc
    .array(fc.oneof(fc.constantFrom(...words.split(" ")), fc.string({ unit: "binary", maxLength: 3 })), {
      maxLength: 14,
    })
    .map((parts) => parts.join(""));

  it("never throw, for any bytes", () => {
    const input = fc.oneof(fc.uint8Array({ maxLength: 60 }), soup.map(payload));
    fc.assert(
      fc.property(input, (bytes) => {
        const copy = bytes.slice();
        js.parseAck(bytes);
        js.parsePull(bytes);
        js.parsePubAck(bytes);
        js.parseApiError(bytes);
        js.parseStoredMessage(bytes);
        js.parseBatchFlow(bytes);
        const headers = decodeHeaders(Uint8Array.from([...payload("NATS/1.0 100 "), ...bytes]));
        js.statusOf({ headers, reply: undefined });
        js.directGetInfo(headers);
        expect(bytes).toEqual(copy);
      }),
      runs(2000),
    );
  });

  it("return undefined or what can be written, for any string", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
        for (const subject of [text, `$JS.API.${text}`, `$JS.ACK.${text}`]) {
          const info = js.parseAckSubject(subject);
          if (info !== undefined) js.ackSubject(info);
          const request = js.parseApiSubject(subject);
          if (request !== undefined) expect(js.apiSubject(request)).toBe(subject);
          const batch = js.parseBatchReply(subject);
          if (batch !== undefined) js.batchReply(batch);
        }
      }),
      runs(2000),
    );
  });

  it("return undefined for a message without headers", () => {
    expect(js.statusOf({ headers: undefined })).toBeUndefined();
    expect(js.directGetInfo(undefined)).toBeUndefined();
  });

  it("return undefined for another type", () => {
    for (const other of [undefined, null, 7, {}] as never[]) {
      expect(js.parseAckSubject(other)).toBeUndefined();
      expect(js.parseBatchReply(other)).toBeUndefined();
      expect(js.parseApiSubject(other)).toBeUndefined();
      expect(js.parsePubAck(other)).toBeUndefined();
    }
  });
});

function law<T>(values: fc.Arbitrary<T>, back: (value: T) => unknown): fc.IProperty<[never]> {
  const property = fc.property(values, (value) => {
    expect(jsonOf(back(value))).toEqual(jsonOf(value));
  });
  return property as unknown as fc.IProperty<[never]>;
}
