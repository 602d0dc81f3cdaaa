// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { escaped } from "../src/escape.ts";
import { groupOf, LawBroken } from "../src/finding.ts";
import { type Parse, type Parser, parserLaws, UnusableTarget } from "../src/index.ts";
import { latin1 } from "../src/latin1.ts";
import { parserTarget } from "../src/parser-laws.ts";

type Exports = { -readonly [name in keyof Parser]?: unknown };

async function brokenBy(parse: Parse, input: string, others: Partial<Parser> = {}): Promise<string | undefined> {
  try {
    await parserLaws({ from: "server", default: parse, ...others })(latin1(input));
    return undefined;
  } catch (error) {
    if (!(error instanceof LawBroken)) throw error;
    return groupOf({ law: error.law, ...error.evidence });
  }
}

const textOf = (chunks: readonly Uint8Array[]): string => escaped(Buffer.concat(chunks));
const frames = (count: number, frame = { op: "ping" }): { op: string }[] => Array.from({ length: count }, () => frame);
/** A parser that knows PING only. */
const pings: Parse = (chunks) => ({ frames: frames(textOf(chunks).split("PING\\r\\n").length - 1) });
const message = (fields: object): Parse => {
  return () => ({ frames: [{ op: "msg", subject: "a", sid: 1, payload: latin1("b"), ...fields }] });
};

describe("The laws of a parser", () => {
  it("hold if it reads as natswire does, also asynchronously", async () => {
    expect(await brokenBy(pings, "PING\r\nPING\r\n")).toBeUndefined();
    expect(await brokenBy(async (chunks) => pings(chunks), "PING\r\nPING\r\n")).toBeUndefined();
    expect(await brokenBy(message({ reply: null }), "", {})).toBe(
      "what a correct peer sends is decoded (msg, not sent)",
    );
  });

  it.each<[string, string, Parse]>([
    ["what violates the protocol is rejected (no verb, UNKNOWN_VERB)", "PING\r\nx", pings],
    ["what violates the protocol is rejected (msg, BAD_SIZE)", "MSG a 1 x\r\n", pings],
    ["what a correct peer sends is accepted (ping)", "PING\r\n", () => ({ frames: [], error: "no" })],
    ["what a correct peer sends is decoded (ping, missing)", "PING\r\n", () => ({ frames: [] })],
    ["what a correct peer sends is decoded (ping, not sent)", "PING\r\n", () => ({ frames: frames(2) })],
    ["what a correct peer sends is decoded (msg, reply)", "MSG a 1 1\r\nb\r\n", message({ reply: "r" })],
    ["what a correct peer sends is decoded (msg, payload)", "MSG a 1 1\r\nc\r\n", message({})],
    ["the frames before an error are delivered (ping, missing)", "PING\r\nx", () => ({ frames: [], error: "no" })],
    [
      "the result does not depend on the chunks (ping, missing)",
      "PING\r\nPING\r\n",
      (chunks) => ({ frames: frames(chunks.length === 1 ? 2 : 1) }),
    ],
    [
      "the result does not depend on the chunks (error)",
      "PING\r\n",
      (chunks) => ({ frames: frames(1), error: chunks.length === 1 ? undefined : "no" }),
    ],
    [
      "an error is returned, not thrown",
      "PING\r\n",
      () => {
        throw new Error("bad");
      },
    ],
  ])("are broken: %s", async (group, input, parse) => {
    expect(await brokenBy(parse, input)).toBe(group);
  });

  it("are broken by the plainest chunks: two, cut as early as possible", async () => {
    const parse: Parse = (chunks) => ({ frames: frames(chunks.length === 1 ? 2 : 1) });
    const error = await parserLaws({ from: "server", default: parse })(latin1("PING\r\nPING\r\n")).catch(
      (error) => error,
    );
    expect(error.evidence.chunks.map(escaped)).toEqual(["P", "ING\\r\\nPING\\r\\n"]);
  });

  it("accept null for a field that is absent, and for no error", async () => {
    const parse: Parse = (chunks) => {
      const isWhole = textOf(chunks) === "MSG a 1 1\\r\\nb\\r\\n";
      return { ...(isWhole ? message({ reply: null })(chunks) : { frames: [] }), error: null } as ReturnType<Parse>;
    };
    expect(await brokenBy(parse, "MSG a 1 1\r\nb\r\n")).toBeUndefined();
  });

  it("follow the limits of the parser", async () => {
    const strict = { limits: { strictLineEnd: true } };
    const parse: Parse = (chunks) => (textOf(chunks) === "PING\\n" ? { frames: [], error: "no" } : { frames: [] });
    expect(await brokenBy(parse, "PING\n")).toBe("what a correct peer sends is accepted (ping)");
    expect(await brokenBy(parse, "PING\n", strict)).toBeUndefined();
    expect(await brokenBy(() => ({ frames: [] }), "PING  ", { limits: { line: 4 } })).toBe(
      "what violates the protocol is rejected (ping, LINE_TOO_LONG)",
    );
  });

  it("count a difference that is allowed, by its reason", async () => {
    const seen: unknown[] = [];
    const target = parserTarget({
      from: "server",
      default: () => ({ frames: [] }),
      allowed: ({ law, place, input, ours, theirs }) => {
        seen.push([law, place, escaped(input), ours.frames.length, theirs.frames.length]);
        return "it knows no verb";
      },
    });
    await target.laws(latin1("PING\r\n"), false);
    expect(target.notes?.()).toEqual({ "it knows no verb": 1 });
    expect(seen).toEqual([["what a correct peer sends is decoded", "ping, missing", "PING\\r\\n", 1, 0]]);
  });
});

describe("A module with a wrong shape", () => {
  const good: Exports = { from: "server", default: pings };

  it.each<[string, Exports]>([
    ["the default export must be a function of chunks, not undefined", { from: "server" }],
    ['export const from = "server" or "client"', { default: pings }],
    ['"allowed" must be a function of a difference, not 5', { ...good, allowed: 5 }],
  ])("is refused when it is loaded: %s", (message, exports) => {
    expect(() => parserTarget(exports as Parser)).toThrow(message);
  });

  it.each<[string, unknown]>([
    ["for an empty stream, the parser returned undefined; return { frames, error }", undefined],
    ["for an empty stream, the parser returned frames that are undefined, not an array", {}],
    ["for an empty stream, the parser returned frames[0] = 5, not an object", { frames: [5] }],
    ['frames[0].op = "PING"; a server sends info, msg, ok, err, ping, pong', { frames: [{ op: "PING" }] }],
    ["the parser returned a frame for an empty stream", { frames: [{ op: "ping" }] }],
    ["the parser rejected an empty stream: Error: bad", { frames: [], error: new Error("bad") }],
  ])("is refused with an empty stream: %s", async (message, result) => {
    const probe = parserTarget({ ...good, default: () => result } as Parser).probe!();
    await expect(probe).rejects.toThrow(message);
    await expect(probe).rejects.toBeInstanceOf(UnusableTarget);
  });

  it("is refused with PING if the operations have other names", async () => {
    const parse = (chunks: readonly Uint8Array[]): object => ({ frames: chunks.map(() => ({ op: "Ping" })) });
    const probe = parserTarget({ ...good, default: parse } as Parser).probe!();
    await expect(probe).rejects.toThrow('for "PING\\r\\n", the parser returned frames[0].op = "Ping"');
  });
});
