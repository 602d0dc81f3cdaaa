// SPDX-License-Identifier: Apache-2.0
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { latin1, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import {
  byteLength,
  type ClientFrame,
  clientFrames,
  Decoder,
  Encoder,
  encode,
  Scanner,
  serverFrames,
  UsageError,
} from "../src/index.ts";

const frame = { op: "pub", subject: "a" } as const;

/** Bytes that report another length than they have. */
class Liar extends Uint8Array {
  override get length(): number {
    return 40_000;
  }
  override get byteLength(): number {
    return 40_000;
  }
}

const liars = (bytes: string): [what: string, payload: Uint8Array][] => [
  ["a subclass", new Liar(latin1(bytes))],
  ["an own property", Object.defineProperty(latin1(bytes), "length", { value: 40_000 })],
  ["an own property that is smaller", Object.defineProperty(latin1(bytes), "length", { value: 1 })],
];

describe("A payload that reports a wrong length", () => {
  it.each(["hi", "x".repeat(100), "y".repeat(9000)])("is sent without bytes of other frames", (bytes) => {
    const encoder = new Encoder<ClientFrame>();
    const drain = (): string => {
      let wire = "";
      for (let part = encoder.pull(); part !== undefined; part = encoder.pull()) {
        for (const byte of part) wire += String.fromCharCode(byte);
        encoder.release(part.length);
      }
      return wire;
    };
    for (let i = 0; i < 20; i++) encoder.push({ ...frame, payload: latin1("secret".repeat(1000)) });
    drain();
    for (const [what, payload] of liars(bytes)) {
      // It may report less than it has, never more.
      const sent = bytes.slice(0, payload.length);
      encoder.push({ ...frame, payload });
      expect(drain(), what).toBe(`PUB a ${sent.length}\r\n${sent}\r\n`);
      encoder.push({ ...frame, headers: payload, payload: latin1("!") });
      expect(drain(), what).toBe(`HPUB a ${sent.length} ${sent.length + 1}\r\n${sent}!\r\n`);
      expect(byteLength(payload)).toBe(bytes.length);
    }
  });

  it("cannot change its length while it is encoded", () => {
    const encoder = new Encoder<ClientFrame>();
    const memory = new ArrayBuffer(100);
    class Detaching extends Uint8Array {
      override get length(): number {
        if (memory.byteLength > 0) structuredClone(memory, { transfer: [memory] });
        return 4;
      }
    }
    // The headers are gone when they are copied: nothing is queued, and no bytes of other frames are sent for them.
    const frameWithIt = { ...frame, headers: new Uint8Array(memory), payload: new Detaching(latin1("late")) };
    expect(() => encoder.push(frameWithIt)).toThrow(TypeError);
    expect([encoder.pending, encoder.pull()]).toEqual([0, undefined]);
  });
});

describe("A payload that runs code of the caller", () => {
  it("cannot overwrite a frame of the same encoder", () => {
    const encoder = new Encoder<ClientFrame>();
    class Nosy extends Uint8Array {
      override get length(): number {
        encoder.push({ ...frame, subject: "other", payload: latin1("x".repeat(50)) });
        return 2;
      }
    }
    encoder.push({ ...frame, payload: new Nosy(latin1("hi")) });
    expect(text(encoder.pull()!)).toBe(`PUB other 50\r\n${"x".repeat(50)}\r\nPUB a 2\r\nhi\r\n`);
  });

  it("is rejected if it is a Proxy, and the message is large", () => {
    const encoder = new Encoder<ClientFrame>();
    const proxy = new Proxy(latin1("hello"), { get: (bytes, name) => Reflect.get(bytes, name, bytes) });
    const large = new Proxy(new Uint8Array(9000), { get: (bytes, name) => Reflect.get(bytes, name, bytes) });
    for (const push of [encoder.push.bind(encoder), encoder.pushCopy.bind(encoder)]) {
      expect(() => push({ ...frame, headers: proxy, payload: new Uint8Array(9000) })).toThrow(
        new UsageError("BAD_FIELD", "headers must be a Uint8Array, not an object"),
      );
      expect(() => push({ ...frame, payload: large })).toThrow(
        new UsageError("BAD_FIELD", "payload must be a Uint8Array, not an object"),
      );
    }
    expect(encoder.pending).toBe(0);
  });

  it("stops the encoder if it is a Proxy that pushes a frame", () => {
    for (const where of ["payload", "headers"] as const) {
      const encoder = new Encoder<ClientFrame>();
      const bytes = latin1("hello");
      const nosy = new Proxy(bytes, {
        get(_, name) {
          if (name === "0") encoder.push({ op: "ping" });
          return Reflect.get(bytes, name, bytes);
        },
      });
      const stopped = expect.objectContaining({
        code: "CLOSED",
        message: "a payload pushed a frame during push",
      });
      expect(() => encoder.push({ ...frame, payload: latin1("x"), [where]: nosy })).toThrow(stopped);
      expect(() => encoder.pull()).toThrow(stopped);
    }
  });
});

describe("A segment of a borrowed payload", () => {
  it("has no properties of the caller", () => {
    const payload = Object.assign(new Liar(9000), { toString: () => "mine" });
    const encoder = new Encoder<ClientFrame>();
    encoder.push({ ...frame, payload });
    encoder.pull();
    const segment = encoder.pull()!;
    expect([segment.length, segment.byteLength, segment.buffer === payload.buffer]).toEqual([9000, 9000, true]);
    expect(Object.getPrototypeOf(segment)).toBe(Uint8Array.prototype);
  });
});

describe.each([
  ["Decoder", (): Decoder<unknown> => new Decoder(serverFrames)],
  [
    "Scanner",
    (): Pick<Decoder<unknown>, "push" | "pull" | "offset" | "buffered"> => {
      const scanner = new Scanner(serverFrames);
      return Object.assign(scanner, { pull: () => (scanner.next() === 0 ? undefined : scanner.kind) });
    },
  ],
])("Chunks of a %s", (_, create) => {
  const count = (decoder: ReturnType<typeof create>): number => {
    let frames = 0;
    while (decoder.pull() !== undefined) frames++;
    return frames;
  };

  it("may be an ArrayBuffer, of any realm", () => {
    const decoder = create();
    decoder.push(new Uint8Array(latin1("PING\r\nPI")).buffer);
    decoder.push(runInNewContext("Uint8Array.of(78, 71, 13, 10).buffer") as ArrayBuffer);
    decoder.push(runInNewContext("Uint8Array.of(80)") as Uint8Array);
    expect([count(decoder), decoder.offset, decoder.buffered]).toEqual([2, 12, 1]);
  });

  it("are rejected and not blamed on the peer if they are neither", () => {
    const decoder = create();
    decoder.push(latin1("PI"));
    const chunks = ["NG\r\n", undefined, null, 6, [80], {}, new DataView(new ArrayBuffer(4)), new Int8Array(4), []];
    for (const chunk of chunks) {
      expect(() => decoder.push(chunk as never)).toThrow(expect.objectContaining({ code: "BAD_FIELD" }));
    }
    decoder.push(latin1("NG\r\n"));
    expect([count(decoder), decoder.offset]).toEqual([1, 6]);
  });

  it("have their real length, whatever they report", () => {
    const decoder = create();
    decoder.push(new Liar(latin1("PING\r\nPI")));
    expect([count(decoder), decoder.buffered]).toEqual([1, 2]);
  });

  it("can be pushed again after they were detached too early", () => {
    const stream = latin1("PING\r\nMSG a 1 30\r\n012345678901234567890123456789\r\nPONG\r\nPING\r\n");
    const detach = (chunk: Uint8Array): void => void structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    for (let cut = 0; cut <= stream.length; cut++) {
      for (let pulled = 0; pulled < 4; pulled++) {
        const decoder = create();
        const chunks = [stream.slice(0, cut), stream.slice(cut), latin1("PONG\r\n"), latin1("PING\r\n")];
        for (const chunk of chunks) decoder.push(chunk);
        for (let i = 0; i < pulled; i++) decoder.pull();
        detach(chunks[pulled % 2]!);
        let frames = pulled;
        try {
          frames += count(decoder);
          expect([frames, decoder.buffered]).toEqual([6, 0]);
        } catch (error) {
          const from = decoder.offset + decoder.buffered;
          const message = `a chunk was detached or resized unread: push again from byte ${from}`;
          expect(error).toMatchObject({ name: "UsageError", code: "BAD_FIELD", message });
          frames = pulled;
          const again = Buffer.concat([stream, latin1("PONG\r\nPING\r\n")]).subarray(from);
          const rest = create();
          rest.push(stream.slice(0, decoder.offset));
          const before = count(rest);
          decoder.push(again);
          expect([before + count(decoder), decoder.buffered]).toEqual([6, 0]);
        }
      }
    }
  });

  it("may be detached once all their frames are read", () => {
    const decoder = create();
    const chunk = latin1("MSG a 1 2\r\nhi\r\nPING\r\n");
    decoder.push(chunk);
    decoder.pull();
    decoder.pull();
    structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    decoder.push(latin1("PONG\r\n"));
    expect([count(decoder), decoder.buffered]).toEqual([1, 0]);
  });
});

describe("Limits of a Decoder", () => {
  it.each<[name: string, value: unknown]>([
    ["line", Number.NaN],
    ["line", "4096"],
    ["line", -1],
    ["info", 1.5],
    ["info", null],
    ["payload", 2n ** 70n],
    ["payload", {}],
    ["strictLineEnd", "false"],
    ["strictLineEnd", 0],
  ])("are rejected if they are of the wrong kind: %s", (name, value) => {
    expect(() => new Decoder(clientFrames, { [name]: value })).toThrow(UsageError);
    expect(() => new Scanner(clientFrames, { [name]: value })).toThrow(UsageError);
  });

  it("may be 0, infinite or undefined", () => {
    const decoder = new Decoder(clientFrames, { line: Number.POSITIVE_INFINITY, payload: 0, info: undefined as never });
    const payload = new Uint8Array(0);
    const long = { ...frame, subject: "a".repeat(20_000), payload };
    decoder.push(encode(long));
    expect(decoder.pull()).toEqual(long);
    decoder.push(encode({ ...frame, payload: new Uint8Array(1) }));
    expect(() => decoder.pull()).toThrow("PAYLOAD_TOO_LARGE");
  });
});
