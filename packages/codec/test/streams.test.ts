// SPDX-License-Identifier: Apache-2.0
import { Readable } from "node:stream";
import { ReadableStream, TransformStream } from "node:stream/web";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { ProtocolError, type ServerFrame, serverFrames } from "../src/index.ts";
import { frames, frameTransformer, IncompleteError } from "../src/streams.ts";

const chunks = ["PING\r\nPO", "NG\r\nMSG a 1 2\r", "\nhi\r\n"].map(latin1);
const ops = ["ping", "pong", "msg"];

async function collect(stream: AsyncIterable<ServerFrame>): Promise<string[]> {
  const seen: string[] = [];
  for await (const frame of stream) seen.push(frame.op);
  return seen;
}

function web(parts: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
}

/** Returns a stream as older browsers have it: it has a reader, but cannot be iterated. */
function readable(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined });
}

describe("Frames of a stream", () => {
  it("come from a web stream and a Node stream", async () => {
    expect(await collect(frames(web(chunks), serverFrames))).toEqual(ops);
    expect(await collect(frames(Readable.from(chunks), serverFrames))).toEqual(ops);
  });

  it("come from a web stream that the runtime cannot iterate", async () => {
    expect(await collect(frames(readable(web(chunks)), serverFrames))).toEqual(ops);
    const failed = readable(new ReadableStream({ start: (controller) => controller.error(new RangeError("reset")) }));
    await expect(collect(frames(failed, serverFrames))).rejects.toThrow(new RangeError("reset"));
  });

  it("come through a TransformStream", async () => {
    const transform = new TransformStream<Uint8Array, ServerFrame>(frameTransformer(serverFrames));
    expect(await collect(web(chunks).pipeThrough(transform))).toEqual(ops);
  });

  it("are delivered before the decoder's error", async () => {
    const seen: string[] = [];
    const broken = (async () => {
      for await (const frame of frames(web([latin1("PING\r\nX")]), serverFrames)) seen.push(frame.op);
    })();
    await expect(broken).rejects.toThrow(ProtocolError);
    expect(seen).toEqual(["ping"]);
    const transform = new TransformStream<Uint8Array, ServerFrame>(frameTransformer(serverFrames));
    await expect(collect(web([latin1("X")]).pipeThrough(transform))).rejects.toThrow(ProtocolError);
  });

  it("end with IncompleteError if the stream ends inside a frame", async () => {
    const cut = web([latin1("PING\r\nMSG a 1 5\r\nhe")]);
    await expect(collect(frames(cut, serverFrames))).rejects.toThrow(
      expect.objectContaining({
        name: "IncompleteError",
        offset: 6,
        message: "the stream ended 13 bytes into the frame at byte 6",
      }),
    );
    const transform = new TransformStream<Uint8Array, ServerFrame>(frameTransformer(serverFrames));
    await expect(collect(web([latin1("PIN")]).pipeThrough(transform))).rejects.toThrow(IncompleteError);
  });

  it("close the stream if the loop is left", async () => {
    let closed = false;
    const endless = (async function* () {
      try {
        for (;;) yield latin1("PING\r\n");
      } finally {
        closed = true;
      }
    })();
    for await (const frame of frames(endless, serverFrames)) if (frame.op === "ping") break;
    expect(closed).toBe(true);
  });

  it.each([
    ["that is left", "PING\r\n"],
    ["that is invalid", "X"],
  ])("cancel and unlock a web stream %s (no iterator)", async (_, bytes) => {
    let canceled = 0;
    const endless = readable(
      new ReadableStream({
        pull: (controller) => controller.enqueue(latin1(bytes)),
        cancel: () => void canceled++,
      }),
    );
    const first = async (): Promise<string | undefined> => {
      for await (const frame of frames(endless, serverFrames)) return frame.op;
    };
    if (bytes === "X") await expect(first()).rejects.toThrow(ProtocolError);
    else expect(await first()).toBe("ping");
    expect([canceled, endless.locked]).toEqual([1, false]);
  });
});
