// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundled } from "../../../packages/fuzz/src/bundle.ts";
import { Coverage } from "../../../packages/fuzz/src/coverage.ts";
import type { Codec } from "../../../packages/fuzz/src/reading.ts";
import { latin1 } from "../../testkit/latin1.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-fuzz-"));
const N = 24_576;
let codec: Codec;
let coverage: Coverage;
let native = 0;

// Work is counted, not timed: statements of the instrumented codec, and the bytes that it passes to built-in functions.
beforeAll(async () => {
  const file = join(folder, "codec.mjs");
  writeFileSync(
    file,
    await bundled(fileURLToPath(new URL("../../../packages/codec/src/index.ts", import.meta.url)), true),
  );
  codec = (await import(pathToFileURL(file).href)) as Codec;
  coverage = new Coverage();
  counted(Uint8Array.prototype, "set", (_, [source]) => (source as Uint8Array).length);
  counted(Uint8Array.prototype, "indexOf", (bytes, [, from], found) => {
    return (found < 0 ? (bytes as Uint8Array).length : (found as number)) - ((from as number | undefined) ?? 0) + 1;
  });
  counted(TextDecoder.prototype, "decode", (_, [bytes]) => (bytes as Uint8Array).length);
});
const undo: (() => void)[] = [];
afterAll(() => {
  for (const one of undo) one();
  rmSync(folder, { recursive: true });
});

function counted(
  prototype: object,
  name: string,
  bytes: (self: unknown, args: unknown[], result: never) => number,
): void {
  const methods = prototype as Record<string, (...args: unknown[]) => unknown>;
  const original = Object.getOwnPropertyDescriptor(methods, name);
  const method = methods[name]!;
  methods[name] = function (...args) {
    const result = method.apply(this, args);
    native += bytes(this, args, result as never);
    return result;
  };
  undo.push(() => {
    if (original === undefined) delete methods[name];
    else Object.defineProperty(methods, name, original);
  });
}

function decode(text: string, size: number, from: "server" | "client" = "server"): void {
  const decoder = new codec.Decoder<unknown>(from === "server" ? codec.serverFrames : codec.clientFrames, {
    line: 1 << 20,
    info: 1 << 24,
  });
  const bytes = latin1(text);
  try {
    for (let at = 0; at < bytes.length; at += size) {
      decoder.push(bytes.slice(at, at + size));
      while (decoder.pull() !== undefined);
    }
  } catch (error) {
    if (!(error instanceof codec.ProtocolError)) throw error;
  }
}

// Each makes an input of about n bytes, or n repetitions, that a careless parser reads more than once.
const families: Readonly<Record<string, (n: number, size: number) => void>> = {
  "a line without end": (n, size) => decode(`MSG ${"a".repeat(n)}`, size),
  "blanks without end": (n, size) => decode(`MSG ${" ".repeat(n)}`, size),
  "blanks behind PING": (n, size) => decode(`PING${" ".repeat(n)}`, size),
  "CRs in a line": (n, size) => decode(`MSG ${"\r".repeat(n)}`, size),
  "a subject of dots": (n, size) => decode(`MSG ${".".repeat(n)} 1 0\r\n\r\n`, size),
  "a subject of bytes that are not UTF-8": (n, size) => decode(`MSG ${"\xff".repeat(n)} 1 0\r\n\r\n`, size),
  "a sid of bytes that are not UTF-8": (n, size) => decode(`SUB a ${"\xff".repeat(n)}\r\n`, size, "client"),
  "an error text of quotes and blanks": (n, size) => decode(`-ERR '${" '".repeat(n / 2)}x\r\n`, size),
  "an INFO of nested arrays": (n, size) => decode(`INFO {"a":${"[".repeat(n / 2)}\r\n`, size),
  "a payload": (n, size) => decode(`MSG a 1 ${n}\r\n${"x".repeat(n)}\r\n`, size),
  "a payload of line ends": (n, size) => decode(`MSG a 1 ${n}\r\n${"\r\n".repeat(n / 2)}\r\n`, size),
  "many small frames": (n, size) => decode("PING\r\n".repeat(n / 6), size),
  "many messages, each cut": (n, size) => decode("MSG a 1 3\r\nabc\r\n".repeat(n / 16), size + 1),
};

const blocks: Readonly<Record<string, (n: number) => void>> = {
  "headers of one letter": (n) =>
    codec.decodeHeaders(latin1(`NATS/1.0\r\n${"a:\r\n".repeat(n / 4)}\r\n`), { lines: n }),
  "a header of blanks": (n) => codec.decodeHeaders(latin1(`NATS/1.0\r\na:${" ".repeat(n)}x\r\n\r\n`)),
  "headers without colon": (n) =>
    codec.decodeHeaders(latin1(`NATS/1.0\r\n${"aaaa\r\n".repeat(n / 6)}\r\n`), { lines: n }),
  "a description of blanks": (n) => codec.decodeHeaders(latin1(`NATS/1.0 100 ${"x ".repeat(n / 2)}\r\n\r\n`)),
  "a subject to check": (n) => void codec.isSubject("a.".repeat(n / 2)),
  "a pattern of stars": (n) => void codec.matches(`${"*.".repeat(n / 2)}>`, `${"a.".repeat(n / 2)}a`),
  "a frame to write": (n) => void codec.encode({ op: "err", text: "é".repeat(n / 2) }),
};

function work(family: (n: number) => void, n: number): number {
  coverage.clear();
  native = 0;
  family(n);
  return coverage.work + native;
}

describe("Work for twice the input", () => {
  it.each(Object.keys(families).flatMap((name) => [1, 700, 65_536].map((size) => [name, size] as const)))(
    "is at most 2.1 times as much for %s in chunks of %i",
    (name, size) => {
      const family = families[name]!;
      expect(work((n) => family(n, size), 2 * N) / work((n) => family(n, size), N)).toBeLessThan(2.1);
    },
  );

  it.each(Object.keys(blocks))("is at most 2.1 times as much for %s", (name) => {
    const family = blocks[name]!;
    expect(work(family, 2 * N) / work(family, N)).toBeLessThan(2.1);
  });

  it("is more if the work is quadratic: this test can fail", () => {
    const square = (n: number): void => {
      for (let i = 0; i < n / 64; i++) codec.decodeHeaders(latin1(`NATS/1.0\r\na: ${" ".repeat(n)}\r\n\r\n`));
    };
    expect(work(square, 2 * N) / work(square, N)).toBeGreaterThan(3.9);
  });
});
