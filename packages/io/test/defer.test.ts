// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => void vi.unstubAllGlobals());

/** Loads `defer` in a runtime whose globals have these values. Returns what is done in which order. */
async function order(globals: Readonly<Record<string, unknown>>): Promise<string[]> {
  const { queueMicrotask } = globalThis;
  for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value);
  vi.resetModules();
  const { defer } = await import("../src/client/defer.ts");
  const done: string[] = [];
  await new Promise<void>((resolve) => {
    defer(() => void done.push("one"));
    defer(() => {
      done.push("two");
      defer(() => {
        done.push("three");
        resolve();
      });
    });
    queueMicrotask(() => void done.push("microtask"));
    done.push("now");
  });
  return done;
}

/** A function of Next's edge runtime: it is there, and throws. */
function Unsupported(): never {
  throw new Error("A Node.js API is used which is not supported in the Edge Runtime.");
}

/** A function of fake timers that were installed first: it never runs anything. */
const fake = Object.assign(() => {}, { clock: {} });

it.each([
  ["Node, Deno and Bun", {}],
  ["a browser", { setImmediate: undefined }],
  ["an engine with timers alone", { setImmediate: undefined, MessageChannel: undefined }],
  ["Next's edge runtime", { setImmediate: Unsupported, MessageChannel: Unsupported }],
  ["a test that has fake timers", { setImmediate: fake, setTimeout: fake, queueMicrotask: fake }],
])("in %s defer runs each function once, in order, after all else", async (_, globals) => {
  expect(await order(globals)).toEqual(["now", "microtask", "one", "two", "three"]);
});

it("defer uses no timers in a browser", async () => {
  const setTimeout = (): void => expect.unreachable("a timer");
  expect(await order({ setImmediate: undefined, setTimeout })).toContain("three");
});
