// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { realClock } from "../src/clock.ts";
import { pipe, type Transport, type TransportHandler, VirtualClock } from "../src/index.ts";

/** One end, and the calls of its handler in order. */
class Side implements TransportHandler {
  readonly told: string[] = [];
  transport!: Transport;
  open = (): void => void this.told.push("open");
  data = (chunk: Uint8Array): void => void this.told.push(new TextDecoder().decode(chunk));
  written = (): void => {};
  ready = (): void => void this.told.push("drain");
  close = (error?: Error): void => void this.told.push(error === undefined ? "close" : `close: ${error.message}`);
  say(text: string): boolean {
    return this.transport.write(new TextEncoder().encode(text), false);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let near: Side;
let far: Side;
let net: ReturnType<typeof pipe>;

beforeEach(async () => {
  net = pipe();
  far = new Side();
  const { port } = await net.listen({ host: "", port: 0 }, (transport) => {
    far.transport = transport;
    return far;
  });
  near = new Side();
  near.transport = net.dial({ host: "", port }, near);
  await settled();
});

describe("a pipe", () => {
  it("opens both ends and carries bytes both ways, in order", async () => {
    near.say("a");
    near.say("b");
    far.say("c");
    await settled();
    expect(near.told).toEqual(["open", "c"]);
    expect(far.told).toEqual(["open", "a", "b"]);
  });

  it("gives away memory of its own", async () => {
    // A Buffer's own slice would be a view.
    for (const bytes of [new TextEncoder().encode("kept"), Buffer.from("too")]) {
      near.transport.write(bytes, false);
      bytes.fill(0);
    }
    await settled();
    expect(far.told).toEqual(["open", "kept", "too"]);
  });

  it("reports full, then ready", async () => {
    far.transport.pause();
    expect(near.say("x".repeat(65_536))).toBe(true);
    expect(near.say("y")).toBe(false);
    await settled();
    expect([near.told, far.told]).toEqual([["open"], ["open"]]);
    far.transport.resume();
    await settled();
    expect(near.told).toEqual(["open", "drain"]);
    expect(far.told.length).toBe(3);
  });

  it("closes once, after what was written, and reads no more", async () => {
    near.say("last");
    near.transport.close();
    near.transport.close();
    near.say("never");
    far.say("unheard");
    await settled();
    far.say("late");
    far.transport.abort();
    await settled();
    expect(far.told).toEqual(["open", "last", "close"]);
    expect(near.told).toEqual(["open", "close"]);
  });

  it("aborts at once, reported once at both ends", async () => {
    near.say("lost");
    near.transport.abort();
    near.transport.abort();
    await settled();
    expect(far.told).toEqual(["open", "close: the other end of the pipe was closed"]);
    expect(near.told).toEqual(["open", "close"]);
  });

  it("fails to connect without a listener", async () => {
    const listener = await net.listen({ host: "", port: 9 }, () => far);
    await expect(net.listen({ host: "", port: 9 }, () => far)).rejects.toThrow("port 9 of the pipe is in use");
    await listener.close();
    const alone = new Side();
    alone.transport = net.dial({ host: "", port: 9 }, alone);
    await settled();
    expect(alone.told).toEqual(["close: no server is listening on port 9 of the pipe"]);
  });

  it.each(["abort", "close"] as const)("reports one close if %s comes in the tick of the dial", async (how) => {
    const { port } = await net.listen({ host: "", port: 0 }, () => expect.unreachable("nobody is let in"));
    for (const at of [port, 99]) {
      const hasty = new Side();
      hasty.transport = net.dial({ host: "", port: at }, hasty);
      hasty.transport[how](1000);
      await settled();
      expect(hasty.told).toEqual(["close"]);
    }
  });

  it("keeps a new listener if the old one closes twice", async () => {
    const first = await net.listen({ host: "", port: 9 }, () => far);
    await first.close();
    await net.listen({ host: "", port: 9 }, () => far);
    await first.close();
    await expect(net.listen({ host: "", port: 9 }, () => far)).rejects.toThrow("in use");
  });
});

describe("a closing end of a pipe", () => {
  const clock = new VirtualClock();
  beforeEach(() => void vi.spyOn(realClock, "after").mockImplementation((time, ring) => clock.after(time, ring)));
  afterEach(() => void vi.restoreAllMocks());

  it("aborts after its grace if the peer does not read", async () => {
    far.transport.pause();
    near.say("unread");
    near.transport.close(500);
    clock.pass(499);
    await settled();
    expect([near.told, far.told]).toEqual([["open"], ["open"]]);
    clock.pass(1);
    await settled();
    expect([near.told.at(-1), far.told.at(-1)]).toEqual(["close", "close: the other end of the pipe was closed"]);
  });
});
