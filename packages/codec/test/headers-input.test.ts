// SPDX-License-Identifier: Apache-2.0
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeHeaders, encodeHeaders, type HeadersInput, MsgHeaders, UsageError } from "../src/index.ts";
import { runs } from "./runs.ts";

const lines = (input: HeadersInput): string[] => [...new MsgHeaders(input)].map((entry) => entry.join(": "));

/** Returns the lines that the encoder writes, as a reader of another hand splits them. */
const written = (block: Uint8Array): string[] => new TextDecoder().decode(block).split("\r\n").slice(1, -2);

describe("MsgHeaders", () => {
  it.each<[string, HeadersInput, string[]]>([
    ["an object", { "Trace-Id": "1", Accept: ["a", "b"] }, ["Trace-Id: 1", "Accept: a", "Accept: b"]],
    ["an object without a prototype", Object.assign(Object.create(null), { a: "1" }), ["a: 1"]],
    ["an object of another realm", runInNewContext(`({ a: "1", b: ["2"] })`), ["a: 1", "b: 2"]],
    ["an empty object", {}, []],
    ["an empty array of values", { a: [] }, []],
    [
      "pairs",
      [
        ["a", "1"],
        ["b", ["2", "3"]],
        ["a", ""],
      ],
      ["a: 1", "b: 2", "b: 3", "a: "],
    ],
    ["a Map", new Map([["a", "1"]]), ["a: 1"]],
    ["URLSearchParams", new URLSearchParams("a=1&a=2"), ["a: 1", "a: 2"]],
    ["Headers, whose names are in lower case", new Headers([["Trace-Id", "1"]]), ["trace-id: 1"]],
    [
      "other MsgHeaders",
      new MsgHeaders([
        ["A", "1"],
        ["A", "2"],
      ]),
      ["A: 1", "A: 2"],
    ],
  ])("are made of %s", (_, input, wanted) => {
    expect(lines(input)).toEqual(wanted);
    expect(written(encodeHeaders(input))).toEqual(wanted);
  });

  it("read an iterable once", () => {
    let passes = 0;
    const input: HeadersInput = {
      *[Symbol.iterator]() {
        passes++;
        yield ["a", "1"] as const;
      },
    };
    expect(written(encodeHeaders(input))).toEqual(["a: 1"]);
    expect(passes).toBe(1);
  });

  it("ignore inherited properties and symbols, and keep __proto__", () => {
    const input = Object.create(Object.create(null, { inherited: { value: "x", enumerable: true } }));
    Object.defineProperty(input, "__proto__", { value: "1", enumerable: true });
    Object.defineProperty(input, "hidden", { value: "x", enumerable: false });
    input[Symbol("s")] = "x";
    expect(lines(input)).toEqual(["__proto__: 1"]);
  });

  it.each<[unknown, string]>([
    [null, "null"],
    ["a: b", "a string"],
    [5, "a number"],
    [() => {}, "a function"],
    [new Date(0), "an object"],
    [Promise.resolve({ a: "1" }), "a Promise"],
    [[1, 2], "[a number]"],
    [["a", "1"], "[a string]"],
    [[["a"]], "[an array]"],
    [[["a", "1", "2"]], "[an array]"],
    [new Set(["ab"]), "[a string]"],
    [Uint16Array.of(1), "[a number]"],
  ])("are not made of %o", (input, given) => {
    const error = new UsageError("BAD_FIELD", `headers must be { name: value } or [[name, value]], not ${given}`);
    expect(() => new MsgHeaders(input as HeadersInput)).toThrow(error);
    expect(() => encodeHeaders(input as HeadersInput)).toThrow(error);
  });

  it.each<[unknown, string]>([
    [{ Retry: 5 }, 'the value of header "Retry" must be a string, not a number; String() it?'],
    [{ Retry: [true] }, 'the value of header "Retry" must be a string, not a boolean; String() it?'],
    [{ Retry: undefined }, 'the value of header "Retry" must be a string, not undefined'],
    [{ Retry: null }, 'the value of header "Retry" must be a string, not null'],
    [{ Retry: { a: "b" } }, 'the value of header "Retry" must be a string, not an object'],
    [{ Retry: [["a"]] }, 'the value of header "Retry" must be a string, not an array'],
    [{ "a b": "1" }, 'header name "a b" contains a space'],
    [{ "a\r\nb": "1" }, 'header name "a\\r\\nb" contains a CR'],
    [{ a: "1\nb: 2" }, 'the value of header "a" contains an LF'],
    [[[1, "a"]], "header name must be a string, not a number"],
  ])("name the header that is not valid: %o", (input, message) => {
    expect(() => new MsgHeaders(input as HeadersInput)).toThrow(new UsageError("BAD_HEADER", message));
  });

  it("send what was checked if a value changes between two reads", () => {
    const name = fc.constantFrom("a", "B-c", "__proto__", "constructor", "a\r\nb", "x: y", "", "é");
    const value = fc.constantFrom<unknown>(
      "1",
      "",
      "a\r\nevil: 1",
      "\n\n",
      "\r\n\r\nbody",
      "\0",
      5,
      ["1", "2\r\nx: y"],
      ["3"],
    );
    const reads = fc.array(value, { minLength: 1, maxLength: 3 });
    const law = fc.property(fc.array(fc.tuple(name, reads), { maxLength: 4 }), fc.boolean(), (properties, isProxy) => {
      const seen: [string, unknown][] = [];
      const target = Object.create(null);
      for (const [key, values] of properties) {
        let count = 0;
        const get = (): unknown => {
          const next = values[Math.min(count++, values.length - 1)];
          seen.push([key, next]);
          return next;
        };
        Object.defineProperty(target, key, { get, enumerable: true, configurable: true });
      }
      const input = isProxy ? new Proxy(target, {}) : target;
      let block: Uint8Array;
      try {
        block = encodeHeaders(input);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return;
      }
      const expected = seen.flatMap(([key, given]) => [given].flat().map((one) => `${key}: ${one}`));
      expect(written(block)).toEqual(expected);
      const back = decodeHeaders(block);
      expect([back?.size, back?.skipped]).toEqual([expected.length, 0]);
    });
    fc.assert(law, runs(5_000));
  });

  it("send what was checked if the pairs change while they are read", () => {
    const changing = (...values: unknown[]): unknown[] =>
      new Proxy(["a", "1"], {
        get(target, key) {
          if (key === "1") return values.length > 1 ? values.shift() : values[0];
          return Reflect.get(target, key);
        },
      });
    expect(written(encodeHeaders([changing("1", "2\r\nevil: 1")] as never))).toEqual(["a: 1"]);
    expect(() => encodeHeaders([changing("2\r\nevil: 1", "1")] as never)).toThrow(UsageError);
  });

  it("are an object as JSON, which makes the same headers again", () => {
    const headers = new MsgHeaders([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
      ["__proto__", "4"],
      ["__proto__", "5"],
    ]);
    const text = JSON.stringify(headers);
    expect(text).toBe('{"a":["1","3"],"b":"2","__proto__":["4","5"]}');
    expect(JSON.stringify(new MsgHeaders(JSON.parse(text)))).toBe(text);
    expect(Object.getPrototypeOf(headers.toJSON())).toBe(Object.prototype);
  });

  it("are printed with their status", () => {
    const block = new TextEncoder().encode("NATS/1.0 503 No\x1bne\r\nA: b\x1b[31m\r\n\r\n");
    expect(inspect(new MsgHeaders({ A: ["b", "c"] }))).toBe("MsgHeaders { A: [ 'b', 'c' ] }");
    expect(inspect(decodeHeaders(block))).toBe(
      "MsgHeaders {\n  status: 503,\n  description: 'No\\x1Bne',\n  headers: { A: 'b\\x1B[31m' }\n}",
    );
  });
});

describe("headers as JSON", () => {
  it("have a list for a name with several values, in order", () => {
    const headers = new MsgHeaders([
      ["a", "1"],
      ["b", "2"],
      ["a", "3"],
      ["a", "4"],
    ]);
    expect(JSON.stringify(headers)).toBe('{"a":["1","3","4"],"b":"2"}');
  });
});
