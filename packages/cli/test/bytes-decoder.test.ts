// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { encode } from "@natswire/codec";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { BytesDecoder, type DecodeOptions } from "../src/decode/bytes-decoder.ts";
import { main, runCli } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-decode-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the offsets and verbs of the frames, and the number of skipped bytes. */
function decoded(
  bytes: Uint8Array,
  size: number,
  options: DecodeOptions,
): { frames: [number, string][]; skipped: number } {
  const decoder = new BytesDecoder("client", options);
  const frames: [number, string][] = [];
  for (let at = 0; at < bytes.length; at += size) {
    for (const { offset, view } of decoder.read(bytes.slice(at, at + size))) frames.push([offset, view.verb]);
  }
  decoder.end();
  return { frames, skipped: decoder.skipped };
}

// Payloads without anything that could be a frame.
const pub = fc.array(fc.constantFrom(0x0d, 0x0a, 0x61, 0x20, 0xff, 0x00), { maxLength: 40 }).map((payload) =>
  encode({
    op: "pub",
    subject: "orders.new",
    reply: undefined,
    headers: undefined,
    flaw: undefined,
    payload: Uint8Array.from(payload),
  }),
);
const stream = fc.array(
  fc.oneof(
    pub,
    fc.constant(encode({ op: "ping" })),
    fc.constant(encode({ op: "sub", subject: "a.>", queue: undefined, sid: "7" })),
  ),
  {
    minLength: 3,
    maxLength: 12,
  },
);

describe("BytesDecoder with resync", () => {
  it("reads every frame after a cut, whatever the chunks", () => {
    fc.assert(
      fc.property(stream, fc.nat(), fc.integer({ min: 1, max: 200 }), (frames, at, size) => {
        const whole = Buffer.concat(frames);
        const cut = at % whole.length;
        const all = decoded(whole, whole.length, {}).frames;
        const wanted = all.filter(([offset]) => offset >= cut).map(([offset, verb]) => [offset - cut, verb]);
        const { frames: read, skipped } = decoded(whole.subarray(cut), size, { resync: true });
        expect(read).toEqual(wanted);
        expect(skipped).toBe(wanted[0]?.[0] ?? whole.length - cut);
      }),
      { numRuns: 500 },
    );
  });

  it("continues after malformed bytes, and after an end inside a frame", () => {
    const bytes = Buffer.from("PING\r\nPUB a 3\r\nabcde\r\nPUB b 1\r\nx\r\nSUB a b c d\r\nUNSUB 1\r\nPUB c 9\r\nx");
    for (const size of [1, 7, bytes.length]) {
      expect(decoded(bytes, size, { resync: true })).toEqual({
        frames: [
          [0, "PING"],
          [22, "PUB"],
          [47, "UNSUB"],
        ],
        skipped: 16 + 13 + 10,
      });
    }
  });
});

describe("natswire decode", () => {
  it("skips the start of a capture in mid-stream with --resync", async () => {
    const { code, output, errors } = await runCli(["decode", "--resync"], 'cret"}\r\nMSG foo 1 5\r\nhello\r\nPING\r\n');
    expect({ code, output, errors }).toEqual({
      code: 0,
      output: "       8 1 <- MSG foo 1 5 | hello\n      28 1 <- PING\n",
      errors: "skipped 8 bytes that are not frames\n",
    });
  });

  it("has a colour for each part in a terminal", async () => {
    const file = join(folder, "colours.bin");
    writeFileSync(
      file,
      `HMSG a.b 1 25 30\r\nNATS/1.0\r\nName: value\r\n\r\nhello\r\nMSG a 1 200\r\n${"x".repeat(200)}\r\n`,
    );
    const { NO_COLOR: _, ...env } = process.env;
    const command = `"${process.execPath}" "${main}" decode "${file}"`;
    const options = { env: { ...env, LC_ALL: "C.UTF-8" } };
    const inTerminal = async (columns: number): Promise<string> => {
      const script = ["-qec", `stty columns ${columns}; ${command}`, "/dev/null"];
      return (await promisify(execFile)("script", script, options)).stdout;
    };
    // A terminal that does not know its width has 0 columns.
    const stdout = await inTerminal(0);
    expect(stdout).toContain("x".repeat(80));
    expect(await inTerminal(80)).toMatch(/32mx{10,}…x{10,}/);
    expect(await inTerminal(80)).not.toContain("x".repeat(40));
    const bytes = JSON.stringify(stdout);
    expect(stdout, bytes).toContain("← \x1b[36m\x1b[1mHMSG\x1b[22m\x1b[39m\x1b[36m a.b\x1b[39m\x1b[2m 1 25 30\x1b[22m");
    expect(stdout, bytes).toContain("\x1b[35mName: value\x1b[39m");
    expect(stdout, bytes).toContain("\x1b[32mhello\x1b[39m");
  });

  it("takes bytes as bytes if --from names their side", async () => {
    const { code, errors } = await runCli(["decode", "--from", "client"], '{"at":1}\n');
    expect(code).toBe(1);
    expect(errors).toContain("UNKNOWN_VERB at byte 0");
  });

  it("prints files one after the other, and names the malformed one", async () => {
    const [server, client] = ["server.bin", "client.bin"].map((name) => join(folder, name));
    writeFileSync(server!, "MSG foo 1 5\r\nhello\r\n");
    writeFileSync(client!, "SUB foo 1\r\nPUBB\r\n");
    const { code, output, errors } = await runCli(["decode", server!, client!]);
    expect(code).toBe(1);
    expect(output).toBe("       0 1 <- MSG foo 1 5 | hello\n       0 1 -> SUB foo 1\n");
    expect(errors).toContain(`${client}: UNKNOWN_VERB at byte 11`);
  });

  it("ends after -c frames, and reads a compressed recording", async () => {
    const file = join(folder, "session.jsonl.gz");
    const lines = ["PING\\r\\n", "PONG\\r\\n", "PING\\r\\n"].map(
      (text, i) => `{"at":${i},"connection":1,"from":"client","text":"${text}"}\n`,
    );
    writeFileSync(file, Buffer.concat(lines.map((line) => gzipSync(line))));
    const all = await runCli(["decode", file]);
    expect(all.output.match(/P[IO]NG/g)).toEqual(["PING", "PONG", "PING"]);
    expect((await runCli(["decode", file, "-c", "2"])).output.match(/P[IO]NG/g)).toEqual(["PING", "PONG"]);
    writeFileSync(file, readFileSync(file).subarray(0, -9));
    expect(await runCli(["decode", file])).toMatchObject({
      code: 1,
      errors: expect.stringContaining("cannot uncompress the input: unexpected end of file"),
    });
  });
});
