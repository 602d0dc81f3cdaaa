// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { natswireFuzz, type Result, written } from "./fuzz-process.ts";

/** Runs the fuzzer on a program in JavaScript that has `line`, and prints what `body` makes of it. */
function fuzzProgram(body: string, ...args: readonly string[]): Promise<Result> {
  const program = written(`
    import { createInterface } from "node:readline";
    createInterface({ input: process.stdin }).on("line", (line) => {
      const { chunks } = JSON.parse(line);
      const answer = (value) => console.log(JSON.stringify(value));
      const input = chunks.join("");
      ${body}
    });`);
  const command = `'${process.execPath}' '${program}'`;
  return natswireFuzz("--command", command, "--from", "server", "--workers", "1", ...args);
}

const PINGS = 'answer({ frames: (input.match(/PING\\r\\n/g) ?? []).map(() => ({ op: "ping" })) });';
const MESSAGE = "MSG \\xff 1 r 2\\r\\n\\xff\\r\\r\\n";
const frame = (subject: string): string =>
  `answer(input.length < 9 ? { frames: [] } : { frames: [
    { op: "msg", subject: ${subject}, sid: 1, reply: "r", headers: null, payload: "\\xff\\r" }
  ], error: null });`;

describe("A command", () => {
  it("reads the bytes of a stream as characters, and writes frames", async () => {
    expect(await fuzzProgram(PINGS, "--input", "PING\\r\\nPING\\r\\n")).toMatchObject({ code: 0, errors: "" });
  });

  it.each([
    ["as bytes", '{ bytes: "\\xff" }', 0],
    ["as lone surrogates", '"\\udcff"', 0],
    ["as another text", '"\\xff"', 1],
  ])("gives the name of a subject that is not UTF-8 %s", async (_, subject, code) => {
    const wait = `if (!input.endsWith("\\xff\\r\\r\\n")) return answer({ frames: [] });`;
    expect(await fuzzProgram(`${wait} ${frame(subject)}`, "--input", MESSAGE)).toMatchObject({ code });
  });

  it("is shown with its findings as lines of JSON to play", async () => {
    const { code, output } = await fuzzProgram(PINGS, "--input", "PING\\r\\nPONG\\r\\n");
    expect(code).toBe(1);
    expect(output).toContain("what a correct peer sends is decoded (pong, missing)");
    expect(output).toContain('as input for the command:\n\n{"chunks":["PING\\r\\nPONG\\r\\n"]}\n');
  });

  it("has no finding if the difference is allowed by --allow", async () => {
    const args = ["--input", "PONG\\r\\n", "--allow", "pong, missing"];
    const { code, output } = await fuzzProgram(PINGS, ...args);
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("allowed: --allow 'pong, missing'") });
  });

  it("is started again after it ends, which is a finding with its last words", async () => {
    const crash = `if (input.includes("ERR")) throw new Error("no text"); ${PINGS}`;
    const { code, output } = await fuzzProgram(crash, "--input", "-ERR 'a'\\r\\n", "--input", "PING\\r\\n");
    expect(code).toBe(1);
    expect(output).toContain("finding 1 of 1: the program does not end");
    expect(output).toContain("Error: no text");
  });

  it("is ended if it hangs, which is a finding", async () => {
    const hang = `if (input.includes("PING")) for (;;); ${PINGS}`;
    const { code, output } = await fuzzProgram(hang, "--inputs", "1", "--timeout", "1");
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining("every call returns within 1 seconds"),
    });
  });

  it.each([
    [
      "writes no JSON",
      'console.log("hello");',
      "must write one JSON object for each line that it reads, and wrote: hello",
    ],
    ["writes no frames", "answer({});", "frames that are undefined, not an array"],
    [
      "writes characters that are no bytes",
      'answer({ frames: chunks.map(() => ({ op: "msg", payload: "€" })) });',
      "write one character for each byte",
    ],
  ])("is refused if it %s", async (_, body, message) => {
    expect(await fuzzProgram(body, "--time", "20")).toMatchObject({
      code: 2,
      errors: expect.stringContaining(message),
    });
  });

  it("is refused if the program does not exist", async () => {
    const { code, errors } = await natswireFuzz("--command", "no-such-program", "--from", "client");
    expect({ code, errors }).toEqual({ code: 2, errors: expect.stringContaining("no-such-program") });
  });
});
