// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { escaped } from "../../../packages/fuzz/src/escape.ts";
import { formatFindings } from "../../../packages/fuzz/src/format.ts";
import { latin1 } from "../../testkit/latin1.ts";
import { everyInput } from "../src/laws/exhaustive.ts";
import { repeatOf } from "../src/repeat.ts";
import { targetsNamed } from "../src/targets.ts";

describe("A finding", () => {
  it("is printed with a test case and a command", () => {
    const finding = { law: "a law", detail: "why", input: latin1("MSG 'a'\r\n\\") };
    const text = formatFindings([{ finding, count: 1 }], repeatOf("decoder-server-frames"));
    expect(text).toContain(`it("a law", () => holds("decoder-server-frames", "MSG 'a'\\\\r\\\\n\\\\x5c"));`);
    expect(text).toContain(`--target decoder-server-frames --input 'MSG '\\''a'\\''\\r\\n\\x5c'`);
  });
});

describe("The --target option", () => {
  it("names one target, several with the same prefix, or a file", () => {
    expect(targetsNamed("decoder")).toEqual(["decoder-server-frames", "decoder-client-frames"]);
    expect(targetsNamed("./my-parser.mjs")).toEqual([]);
  });

  it("rejects the old names of the decoder targets", () => {
    expect(() => targetsNamed("decoder-client")).toThrow('write "decoder-server-frames"');
  });
});

describe("Exhaustive inputs", () => {
  it("are generated once each", () => {
    const seen = new Set(Array.from({ length: 2000 }, (_, i) => escaped(everyInput.at(i))));
    expect([everyInput.count, seen.size]).toEqual([2_171_624, 2000]);
    expect(everyInput.at(everyInput.count - 1).length).toBe(6);
  });
});
