// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../../tools/testkit/latin1.ts";
import { decodeHeaders } from "../../src/index.ts";
import * as js from "../../src/jetstream.ts";
import { jsonOf } from "./text.ts";

interface Vector {
  readonly name: string;
  readonly function: keyof typeof readers;
  readonly input: string;
  readonly reply?: string;
  readonly output: object | null;
}

const readers = {
  parseAckSubject: ({ input }: Vector) => js.parseAckSubject(input),
  parseAck: ({ input }: Vector) => js.parseAck(latin1(input)),
  parsePull: ({ input }: Vector) => js.parsePull(latin1(input)),
  parsePubAck: ({ input }: Vector) => js.parsePubAck(latin1(input)),
  parseApiError: ({ input }: Vector) => js.parseApiError(latin1(input)),
  parseApiSubject: ({ input }: Vector) => js.parseApiSubject(input),
  statusOf: ({ input, reply }: Vector) => js.statusOf({ headers: decodeHeaders(latin1(input)), reply }),
  directGetInfo: ({ input }: Vector) => js.directGetInfo(decodeHeaders(latin1(input))),
  parseStoredMessage: ({ input }: Vector) => js.parseStoredMessage(latin1(input)),
  parseBatchReply: ({ input }: Vector) => js.parseBatchReply(input),
  parseBatchFlow: ({ input }: Vector) => js.parseBatchFlow(latin1(input)),
};
const { cases } = JSON.parse(readFileSync(new URL("../../vectors/jetstream.json", import.meta.url), "utf8")) as {
  cases: Vector[];
};

describe("JetStream vectors", () => {
  it("have cases for each function", () => {
    expect(new Set(cases.map((one) => one.function))).toEqual(new Set(Object.keys(readers)));
  });

  it.each(cases.map((one) => [one.function, one.name, one] as const))("are read: %s, %s", (name, _, vector) => {
    expect(jsonOf(readers[name](vector))).toEqual(vector.output);
  });

  it.each([
    ["parseAckSubject", (one: Vector) => js.ackSubject(js.parseAckSubject(one.input)!)],
    ["parseApiSubject", (one: Vector) => js.apiSubject(js.parseApiSubject(one.input)!)],
    ["parseBatchReply", (one: Vector) => js.batchReply(js.parseBatchReply(one.input)!)],
    ["parsePubAck", (one: Vector) => js.pubAck(js.parsePubAck(latin1(one.input))!)],
    ["parsePull", (one: Vector) => js.pullRequest(js.parsePull(latin1(one.input)))],
  ] as const)("can be written again after %s, with the same meaning", (name, write) => {
    for (const one of cases.filter(({ function: of, output }) => of === name && output !== null)) {
      const written = write(one);
      const input = typeof written === "string" ? written : String.fromCharCode(...written);
      expect(jsonOf(readers[name]({ ...one, input }))).toEqual(one.output);
    }
  });
});
