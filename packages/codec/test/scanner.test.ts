// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { oracle } from "../../../tools/testkit/oracle.ts";
import { clientFrame, serverFrame } from "../src/arbitrary.ts";
import { intern } from "../src/decode/intern.ts";
import { compileGrammar } from "../src/grammar.ts";
import {
  clientFrames,
  Decoder,
  decodeHeaders,
  encode,
  type Grammar,
  type Msg,
  ProtocolError,
  Scanner,
  serverFrames,
  serverFramesWithAnySid,
} from "../src/index.ts";
import { read } from "./reading.ts";

describe("Scanner", () => {
  it("gives the parts of a frame, and its raw bytes", () => {
    const scanner = new Scanner(serverFrames);
    expect([scanner.next(), scanner.frame()]).toEqual([0, undefined]);
    scanner.push(latin1("HMSG a.b 7 r 2 4\r\nhdhi\r\nPING\r\n"));
    expect(scanner.next()).toBe(2);
    expect([scanner.subject(), scanner.sid, scanner.sidText(), scanner.reply()]).toEqual(["a.b", 7, "7", "r"]);
    expect([text(scanner.headers()!), text(scanner.payload()!), scanner.size]).toEqual(["hd", "hi", 4]);
    expect(text(scanner.frame()!)).toBe("HMSG a.b 7 r 2 4\r\nhdhi\r\n");
    expect(scanner.next()).toBe(3);
    expect(text(scanner.frame()!)).toBe("PING\r\n");
    expect([scanner.next(), scanner.offset, scanner.buffered]).toEqual([0, 30, 0]);
  });

  it.each([
    ["server", serverFrames, serverFrame],
    ["client", clientFrames, clientFrame],
    ["any sid", serverFramesWithAnySid, serverFrame],
  ] as const)("returns the kind that the grammar names (%s)", (_, grammar, frames) => {
    const scanner = new Scanner(grammar);
    const words = Object.fromEntries(Object.entries(grammar.kinds).map(([word, kind]) => [kind, word]));
    const seen = new Set<string>();
    const law = fc.property(frames, (frame) => {
      const bytes = encode(frame);
      scanner.push(bytes);
      const word = words[scanner.next()]!;
      expect(text(bytes)).toMatch(new RegExp(`^${word.replace("+", "[+]")}[ \r]`));
      expect([words[scanner.kind], scanner.next()]).toEqual([word, 0]);
      seen.add(word);
    });
    fc.assert(law, { numRuns: 300, seed: 1 });
    expect(seen).toEqual(new Set(Object.keys(grammar.kinds)));
  });

  it("describes a frame until the next call of next, despite pushes", () => {
    const scanner = new Scanner(serverFrames);
    const parts = (): unknown[] => [
      scanner.subject(),
      scanner.sidText(),
      scanner.reply(),
      text(scanner.payload()!),
      text(scanner.frame()!),
      scanner.flaw(),
    ];
    const first = "MSG orders.europe 17 reply 2\r\nhi\r\n";
    for (const chunks of [[first], [first.slice(0, 20), first.slice(20)], [first.slice(0, 30), "h", "i\r\n"]]) {
      for (const chunk of chunks) {
        expect(scanner.next()).toBe(0);
        scanner.push(latin1(chunk));
      }
      expect(scanner.next()).toBe(1);
      for (const next of ["", "P", "I", "NG\r\n".padEnd(4)]) scanner.push(latin1(next));
      expect(parts()).toEqual(["orders.europe", "17", "reply", "hi", first, undefined]);
      expect([scanner.next(), scanner.next()]).toEqual([3, 0]);
    }
    expect(scanner.buffered).toBe(0);
  });

  it("compares its subject, and reads its bytes, without decoding it", () => {
    const subjects = ["a", "orders.europe", "é", "a.é.b", "\xe9", "€", `long.${"x".repeat(80)}`, "a.\xff", "\ufeffa"];
    for (const subject of subjects) {
      // In latin1 the subject is not UTF-8; from utf8 it is. A blank before the subject leads to the slow path.
      for (const bytes of [
        new TextEncoder().encode(subject),
        ...(/[^\0-\xff]/.test(subject) ? [] : [latin1(subject)]),
      ]) {
        for (const [start, end] of [
          ["MSG ", " 7 2\r\nhi\r\n"],
          ["msg  ", " 7 r 2\r\nhi\r\n"],
        ] as const) {
          const scanner = new Scanner(serverFrames);
          for (const part of [latin1(start), bytes, latin1(end)]) scanner.push(part);
          scanner.next();
          for (const other of [...subjects, scanner.subject(), "", "b"]) {
            expect(scanner.isSubject(other)).toBe(other === scanner.subject());
          }
          const { length } = bytes;
          const read = Array.from({ length: 2 * length + 2 }, (_, i) => scanner.subjectByteAt(i - length - 1));
          expect(read).toEqual([-1, ...bytes, ...bytes, -1]);
        }
      }
    }
  });

  it("describes nothing at the end of the input and after a fault", () => {
    for (const behind of ["", "x"]) {
      const scanner = new Scanner(serverFrames);
      scanner.push(latin1(`HMSG a 7 r 2 4\r\nhdhi\r\n${behind}`));
      expect(scanner.next()).toBe(2);
      if (behind === "") expect(scanner.next()).toBe(0);
      else expect(() => scanner.next()).toThrow("UNKNOWN_VERB");
      const told = [scanner.kind, scanner.sid, scanner.subject(), scanner.sidText(), scanner.reply(), scanner.size];
      expect(told).toEqual([0, 0, "", "", undefined, 0]);
      expect([scanner.headers(), scanner.payload().length, scanner.frame()]).toEqual([undefined, 0, undefined]);
    }
  });

  it("returns the same object for every empty payload", () => {
    const decoder = new Decoder(serverFrames);
    decoder.push(latin1("MSG a 1 0\r\n\r\nHMSG a 1 2 2\r\nhd\r\nHMSG a 1 0 0\r\n\r\n"));
    const [one, two, three] = [...decoder] as Msg[];
    expect([one!.payload === two!.payload, two!.payload === three!.payload, three!.headers === one!.payload]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("has a max for UNSUB only, and keeps its first fault", () => {
    const scanner = new Scanner(clientFrames);
    scanner.push(latin1("UNSUB 1 5\r\nPUB a 0\r\n\r\n"));
    expect([scanner.next(), scanner.max, scanner.next(), scanner.max]).toEqual([4, 5, 1, undefined]);
    const fail = (code: "BAD_JSON" | "BAD_SID"): unknown => {
      try {
        return scanner.fail(code, "no");
      } catch (error) {
        return error;
      }
    };
    const first = fail("BAD_JSON");
    expect(first).toMatchObject({ code: "BAD_JSON", offset: 11 });
    expect([fail("BAD_SID"), scanner.offset]).toEqual([first, 11]);
  });

  it("reads a copy of a grammar like the original", () => {
    const grammar = (word: string, args: string): Grammar<string> => ({
      ...compileGrammar([{ word, line: args }]),
      frame: (at) => `${at.subject()} ${at.reply()}`,
    });
    for (const [word, args, line] of [
      ["RMSGX", "subject [reply] size", "RMSGZ a 2\r\nhi\r\n"],
      ["RMSGX", "subject [reply] size", "RMSGX a b 2\r\nhi\r\n"],
      ["PUB", "subject size", "PUB a b 2\r\nhi\r\n"],
      ["PUB", "subject reply size", "PUB a 2\r\nhi\r\n"],
      ["PUB", "subject reply size", "PUB a b 2\r\nhi\r\n"],
    ] as const) {
      const whole = read([latin1(line)], grammar(word, args));
      expect(
        read(
          Array.from(latin1(line), (byte) => Uint8Array.of(byte)),
          grammar(word, args),
        ),
      ).toEqual(whole);
      expect(read([latin1(line.toLowerCase())], grammar(word, args)).fault?.code).toBe(whole.fault?.code);
    }
  });

  it("uses the default for a limit that is undefined", () => {
    const scanner = new Scanner(serverFrames, { payload: undefined, line: undefined } as never);
    scanner.push(latin1("MSG a 1 67108865\r\n"));
    expect(() => scanner.next()).toThrow("PAYLOAD_TOO_LARGE");
    expect(decodeHeaders(latin1("NATS/1.0\r\nA: b\r\n\r\n"), { lines: undefined } as never)?.get("A")).toBe("b");
  });

  it("reads a custom grammar with opaque sids and payloads", () => {
    const grammar: Grammar<string> = {
      ...compileGrammar([
        { word: "RMSG", line: "subject sid [reply] size" },
        { word: "A+", line: "sid" },
      ]),
      frame: (at) => `${at.kind} ${at.subject()} ${at.sidText()} ${at.reply()} ${text(at.payload())}`,
    };
    const decoder = new Decoder(grammar);
    decoder.push(latin1("RMSG foo acc r 2\r\nhi\r\nA+ acc\r\n"));
    expect([...decoder]).toEqual(["1 foo acc r hi", "2  acc undefined "]);
  });

  it("reads verbs in any case, and only letters", () => {
    const grammar = compileGrammar([{ word: "AZ[", line: "" }]);
    const kindOf = (line: string): number => {
      const scanner = new Scanner(grammar);
      scanner.push(latin1(line));
      return scanner.next();
    };
    expect(["AZ[", "az[", "aZ["].map((word) => kindOf(`${word}\r\n`))).toEqual([1, 1, 1]);
    for (const word of ["`Z[", "A{[", "AZ{"]) expect(() => kindOf(`${word}\r\n`)).toThrow("UNKNOWN_VERB at byte 0");
  });

  it("throws errors with the name of their class", () => {
    const decoder = new Decoder(serverFrames);
    decoder.push(latin1("x"));
    expect(() => decoder.pull()).toThrow(expect.objectContaining({ name: "ProtocolError" }));
    expect(() => encode({ op: "pub", subject: "" } as never)).toThrow(expect.objectContaining({ name: "UsageError" }));
  });

  it("throws at the offset of the line if the grammar rejects a frame", () => {
    const decoder = new Decoder(serverFrames);
    decoder.push(latin1("PING\r\nINFO x\r\nPING\r\n"));
    expect(decoder.pull()).toEqual({ op: "ping" });
    expect(() => decoder.pull()).toThrow(expect.objectContaining({ code: "BAD_JSON", offset: 6 }));
    expect(() => decoder.pull()).toThrow(expect.objectContaining({ code: "BAD_JSON", offset: 6 }));
    expect(decoder.offset).toBe(6);
  });

  it("shows no credentials and no payload in an error", () => {
    for (const line of [
      'CONNECT {"pass":"secret"',
      'CONNECT {"pass":"secret"}x\r\n',
      'CONNECT ["secret"]\r\n',
      "PUB a 1\r\nsecret",
    ]) {
      const decoder = new Decoder(clientFrames, { line: 20 });
      decoder.push(latin1(line));
      expect(() => decoder.pull()).toThrow(ProtocolError);
      expect(() => decoder.pull()).not.toThrow(/secret/);
    }
    const strict = new Decoder(clientFrames, { strictLineEnd: true });
    strict.push(latin1('CONNECT {"pass":"secret"}\n'));
    expect(() => strict.pull()).not.toThrow(/secret/);
  });

  it("quotes at most 64 bytes of a line, escaped", () => {
    const decoder = new Decoder(clientFrames);
    decoder.push(latin1(`SUB \\\x01${"a".repeat(90)} 1 2 3 4\r\n`));
    expect(() => decoder.pull()).toThrow(
      `BAD_ARGUMENTS at byte 0: SUB takes 2 to 3 arguments, not 5: "SUB \\x5c\\x01${"a".repeat(58)}"…`,
    );
  });

  it("interns subjects, and distinguishes those that share an entry", () => {
    const subjects = Array.from({ length: 6000 }, (_, i) => `subject.${i % 3000}`);
    const stream = latin1(subjects.map((subject) => `MSG ${subject} 1 0\r\n\r\n`).join(""));
    const { frames } = read([stream], serverFrames);
    expect(frames.map((frame) => (frame as { subject: string }).subject)).toEqual(subjects);
  });

  it("distinguishes subjects whose hashes collide", () => {
    const longer = "a.longer.name";
    const names = [
      "ab",
      "ba",
      "abc",
      "\xc3\xa9",
      `${longer}\xc3\xa9`,
      `${longer}x`,
      `${longer}y`,
      `x${longer}`,
      "ab",
      "ba",
      `${longer}y`,
      "abc",
    ];
    const interned = (name: string): string | undefined => {
      const bytes = latin1(name);
      return intern(bytes, new DataView(bytes.buffer), 0, name.length, 7);
    };
    // After many different subjects, most are not looked up. A hit ends that.
    const tries = Array.from({ length: 33 }, () => interned("found.again"));
    expect(tries.at(-1)).toBe("found.again");
    // The shortest subjects are only interned if they are ASCII.
    const known = names.map((name) => (name === "\xc3\xa9" ? undefined : name.replace("\xc3\xa9", "é")));
    expect(names.map((name) => interned(name))).toEqual(known);
  });

  it("reads every chunking alike if a limit is shorter than a verb", () => {
    const whole = read([latin1("MSGX")], serverFrames, { line: 2 });
    expect(whole.fault).toEqual({ code: "LINE_TOO_LONG", offset: 2 });
    expect(read(["M", "S", "G", "X"].map(latin1), serverFrames, { line: 2 })).toEqual(whole);
  });

  it.each([
    ["server", serverFrames as Grammar<unknown>, "MSG orders.europe 17 2\r\nhi\r\n"],
    ["client", clientFrames as Grammar<unknown>, "PUB orders.europe 2\r\nhi\r\n"],
    ["client", clientFrames as Grammar<unknown>, "HPUB orders.europe 0 2\r\nhi\r\n"],
  ] as const)("predicts a line of a %s only if every byte is the same", (from, grammar, line) => {
    for (let at = 0; at < line.length; at++) {
      for (const byte of ["\0", "\x80", " ", "9", "e", "\r", String.fromCharCode(line.charCodeAt(at) ^ 1)]) {
        const stream = latin1(line.repeat(3) + line.slice(0, at) + byte + line.slice(at + 1) + line);
        const expected = oracle(stream, from);
        expect(read([stream], grammar)).toEqual(expected);
        for (let cut = line.length * 2; cut < stream.length; cut += 5) {
          expect(read([stream.slice(0, cut), stream.slice(cut)], grammar)).toEqual(expected);
        }
      }
    }
  });

  it("does not confuse eight NULs, a double with two signs", () => {
    const zeros = `MSG a${"\0".repeat(30)} 1 0\r\n\r\n`;
    const stream = latin1(zeros.repeat(3) + zeros.replace("\0\0", "\0\x80") + zeros);
    expect(read([stream], serverFrames)).toEqual(oracle(stream, "server"));
  });

  it("reads subjects that are too long to intern", () => {
    const long = "x".repeat(200);
    const { frames } = read([latin1(`MSG ${long} 1 0\r\n\r\n`.repeat(2))], serverFrames);
    expect(frames).toMatchObject([{ subject: long }, { subject: long }]);
  });
});

describe("Decoder memory", () => {
  const sizes = [1, 16, 900, 5000, 16_384, 16_385, 200_000];

  it.each(sizes)("holds a payload of %i bytes in small pieces at most twice", (size) => {
    const decoder = new Decoder(serverFrames);
    const stream = latin1(`MSG a 1 ${size}\r\n${"x".repeat(size)}\r\n`);
    for (let i = 0; i < stream.length - 1; i += 700) {
      decoder.push(stream.slice(i, Math.min(i + 700, stream.length - 1)));
      expect(decoder.pull()).toBeUndefined();
    }
    decoder.push(stream.slice(-1));
    const frame = decoder.pull();
    expect(frame).toMatchObject({ op: "msg" });
    const { payload } = frame as { payload: Uint8Array };
    expect(payload.length).toBe(size);
    expect(payload.buffer.byteLength).toBeLessThanOrEqual(2 * stream.length + 4096);
    expect(decoder.buffered).toBe(0);
  });

  it("is not allocated for a declared size before the bytes arrive", () => {
    const decoder = new Decoder(serverFrames);
    decoder.push(latin1("MSG a 1 67108864\r\n"));
    expect([decoder.pull(), decoder.buffered]).toEqual([undefined, 18]);
  });

  it("is not reused while earlier frames are held", () => {
    const decoder = new Decoder(serverFrames);
    const seen: { payload: Uint8Array; letter: number }[] = [];
    for (let i = 0; i < 300; i++) {
      const size = sizes[i % sizes.length]!;
      const letter = 0x61 + (i % 26);
      const stream = latin1(`MSG a 1 ${size}\r\n${String.fromCharCode(letter).repeat(size)}\r\n`);
      const cut = Math.floor(stream.length / 2);
      for (const chunk of [stream.slice(0, cut), stream.slice(cut)]) {
        decoder.push(chunk);
        for (const frame of decoder) seen.push({ payload: (frame as { payload: Uint8Array }).payload, letter });
        chunk.fill(0);
      }
    }
    expect(seen.length).toBe(300);
    for (const { payload, letter } of seen) expect(payload.every((byte) => byte === letter)).toBe(true);
  });
});
