// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { chunkings, clientFrame, serverFrame, subject } from "../src/arbitrary.ts";
import { concat } from "../src/bytes.ts";
import { type AnyFrame, clientFrames, encode, Scanner, serverFrames } from "../src/index.ts";
import {
  type Changes,
  encodeInto,
  Rewriter,
  replyStartsWith,
  splice,
  spliceInto,
  subjectBytes,
  subjectHash,
  subjectStartsWith,
} from "../src/rewrite.ts";
import { flawOf } from "../src/subject.ts";
import { utf8 } from "../src/text.ts";
import { runs } from "./runs.ts";

const message = fc.oneof(clientFrame, serverFrame).filter((frame) => frame.op === "pub" || frame.op === "msg");
type Message = Extract<AnyFrame, { op: "pub" | "msg" }>;

/** What may happen to a name: it is replaced, or its start is. */
const nameChange = fc.oneof(
  subject,
  fc.record({
    add: fc.oneof(
      fc.constant(""),
      subject.map((name) => `${name}.`),
    ),
  }),
);
const block = fc.uint8Array({ maxLength: 12 });
const changes = fc.record(
  {
    subject: nameChange,
    reply: fc.oneof(nameChange, fc.constant(null)),
    headers: fc.oneof(block, fc.constant(null)),
    payload: fc.oneof(block, fc.constant(new Uint8Array(9000))),
  },
  { requiredKeys: [], noNullPrototype: true },
) as fc.Arbitrary<Changes>;

/** Changes a frame as `splice` should change its bytes. */
function changed(frame: Message, { subject, reply, headers, payload }: Changes): Message {
  const nameOf = (name: string, change: Changes["subject"]): string =>
    typeof change === "object" ? change.add + name : (change ?? name);
  const next = { ...frame, subject: nameOf(frame.subject, subject) };
  if (reply === null || typeof reply === "string") next.reply = reply ?? undefined;
  else if (frame.reply !== undefined) next.reply = nameOf(frame.reply, reply);
  if (headers !== undefined) next.headers = headers ?? undefined;
  if (payload !== undefined) next.payload = payload;
  return { ...next, flaw: flawOf(next.subject, next.reply) };
}

/** Returns a scanner that stands on a frame. */
function standing(frame: AnyFrame, bytes = encode(frame)): Scanner {
  const scanner = new Scanner(["pub", "sub", "unsub", "connect"].includes(frame.op) ? clientFrames : serverFrames);
  scanner.push(bytes);
  scanner.next();
  return scanner;
}

/** Messages with the largest body that is copied. */
const atTheLimit = clientFrame.map((frame) =>
  frame.op === "pub" ? { ...frame, payload: new Uint8Array(8192 - (frame.headers?.length ?? 0)) } : frame,
);

function isSmall(frame: AnyFrame): boolean {
  return frame.op !== "pub" || (frame.headers?.length ?? 0) + frame.payload.length <= 8192;
}

/** Returns the bytes of all segments, and releases them. */
function pulled(out: Rewriter): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let segment = out.pull(); segment !== undefined; segment = out.pull()) {
    parts.push(segment.slice());
    out.release(segment.length);
  }
  return concat(parts);
}

describe("splice", () => {
  // A name that is not UTF-8 as a whole cannot be compared as a string that is put together.
  const isText = ({ subject, reply }: Message): boolean => !/\p{Surrogate}/u.test(`${subject} ${reply}`);

  it("gives the bytes of the changed frame", () => {
    fc.assert(
      fc.property(message.filter(isText), changes, (frame, change) => {
        expect(text(splice(standing(frame), change))).toBe(text(encode(changed(frame, change))));
      }),
      runs(600),
    );
  });

  it("keeps every byte that it does not change, whatever the spelling", () => {
    fc.assert(
      fc.property(message, fc.constantFrom("", "é.", "t.u."), (frame, add) => {
        const bytes = encode(frame);
        const at = text(bytes).indexOf(" ") + 1;
        const wanted = text(concat([bytes.subarray(0, at), utf8.encode(add), bytes.subarray(at)]));
        expect(text(splice(standing(frame), { subject: { add } }))).toBe(wanted);
        expect(text(splice(standing(frame), {}))).toBe(text(bytes));
      }),
      runs(300),
    );
  });

  it("is undone by a cut", () => {
    fc.assert(
      fc.property(message, subject, (frame, name) => {
        const add = `${name}.`;
        const bytes = splice(standing(frame), { subject: { add }, reply: { add } });
        const scanner = standing(frame, bytes);
        expect(subjectStartsWith(scanner, add)).toBe(true);
        expect(replyStartsWith(scanner, add)).toBe(frame.reply !== undefined);
        const cut = utf8.encode(add).length;
        expect(splice(scanner, { subject: { cut }, reply: { cut } })).toEqual(encode(frame));
      }),
      runs(300),
    );
  });

  it("writes the same into memory of the caller, or nothing", () => {
    fc.assert(
      fc.property(message, changes, fc.nat(40), (frame, change, start) => {
        const bytes = splice(standing(frame), change);
        for (const room of [bytes.length + 100, bytes.length, bytes.length - 1]) {
          const into = new Uint8Array(start + room).fill(7);
          const end = spliceInto(standing(frame), change, into, start);
          expect(end).toBe(room < bytes.length ? -1 : start + bytes.length);
          if (end > 0) expect(into.subarray(start, end)).toEqual(bytes);
          expect(into.subarray(0, start).every((byte) => byte === 7)).toBe(true);
          const encoded = encodeInto(
            frame,
            new Uint8Array(start + encode(frame).length - (room < bytes.length ? 1 : 0)),
            start,
          );
          expect(encoded).toBe(room < bytes.length ? -1 : start + encode(frame).length);
        }
      }),
      runs(40),
    );
  });
});

describe("Rewriter", () => {
  it("writes passed, spliced and own frames in their order, for any chunks", () => {
    const step = fc.tuple(
      fc.oneof({ weight: 4, arbitrary: clientFrame }, { weight: 1, arbitrary: atTheLimit }),
      fc.constantFrom("pass", "splice", "push"),
      changes,
    );
    fc.assert(
      fc.property(
        fc
          .array(step, { maxLength: 12 })
          .chain((steps) => fc.tuple(fc.constant(steps), chunkings(concat(steps.map(([frame]) => encode(frame)))))),
        ([steps, cut]) => {
          const out = new Rewriter();
          const wanted: Uint8Array[] = [];
          const scanner = new Scanner(clientFrames);
          const written: Uint8Array[] = [];
          let i = 0;
          for (const chunk of cut) {
            const lent = chunk.slice();
            scanner.push(lent);
            while (scanner.next() !== 0) {
              const [frame, how, change] = steps[i++]!;
              const isMessage = frame.op === "pub";
              if (how === "push") {
                out.push({ op: "pong" });
                wanted.push(encode({ op: "pong" }));
              } else if (how === "splice" && isMessage) {
                out.splice(scanner, change);
                wanted.push(splice(standing(frame), change));
              } else {
                out.pass(scanner);
                wanted.push(encode(frame));
              }
            }
            // What is small is copied, so the chunk may change before it is pulled.
            if (steps.every(([frame]) => isSmall(frame))) lent.fill(0xaa);
            written.push(pulled(out));
            lent.fill(0xaa);
          }
          expect(text(concat(written))).toBe(text(concat(wanted)));
          expect(i).toBe(steps.length);
        },
      ),
      runs(300),
    );
  });

  it.each([
    [8000, {}, "copies"],
    [9000, {}, "borrows"],
    [9000, { subject: "b" }, "borrows"],
    [8000, { payload: new Uint8Array(9000) }, "borrows"],
    [9000, { payload: new Uint8Array(8000) }, "copies"],
  ])("has a payload of %d bytes, changes it by %o, and %s it", (size, change, what) => {
    const frame = { op: "pub", subject: "a", reply: undefined, headers: undefined, flaw: undefined } as const;
    const scanner = standing({ ...frame, payload: new Uint8Array(size) });
    const out = new Rewriter();
    out.splice(scanner, change);
    out.pass(scanner);
    const memory = [scanner.positions().bytes.buffer, (change as Changes).payload?.buffer];
    const segment = out.pull()!.length < 100 ? out.pull()! : undefined;
    expect(segment === undefined ? "copies" : "borrows").toBe(what);
    if (segment !== undefined) expect(memory).toContain(segment.buffer);
  });
});

describe("The subject of a scanner", () => {
  it("has the bytes, the hash and the prefixes of its string", () => {
    fc.assert(
      fc.property(fc.oneof(clientFrame, serverFrame), fc.nat(20), (frame, length) => {
        const scanner = standing(frame);
        if (!("subject" in frame) || /\p{Surrogate}/u.test(frame.subject)) return;
        expect(subjectBytes(scanner)).toEqual(utf8.encode(frame.subject));
        expect(subjectHash(scanner)).toBe(subjectHash(frame.subject));
        const prefix = frame.subject.slice(0, length);
        expect(subjectStartsWith(scanner, prefix)).toBe(
          prefix.length < frame.subject.length && !/\p{Surrogate}/u.test(prefix),
        );
        expect(subjectStartsWith(scanner, `${prefix}\x03`)).toBe(false);
      }),
      runs(500),
    );
  });

  it("chooses the connection that nats-server chooses for an account", () => {
    const accounts = ["$G", "$SYS", "A", "B"];
    expect(accounts.map((name) => subjectHash(name) % 3)).toEqual([2, 0, 0, 0]);
    expect(accounts.map((name) => subjectHash(name) % 5)).toEqual([3, 0, 2, 4]);
  });
});
