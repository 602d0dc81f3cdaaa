// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, it, vi } from "vitest";
import { defer } from "../src/client/defer.ts";

afterEach(() => void vi.unstubAllGlobals());

/** Returns what is done in which order, in a runtime without these globals. */
async function order(...missing: readonly string[]): Promise<string[]> {
  for (const name of missing) vi.stubGlobal(name, undefined);
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

it.each([
  ["Node, Deno and Bun", []],
  ["a browser", ["setImmediate"]],
  ["an engine with timers alone", ["setImmediate", "MessageChannel"]],
])("in %s defer runs each function once, in order, after all else", async (_, missing) => {
  expect(await order(...missing)).toEqual(["now", "microtask", "one", "two", "three"]);
});

it("defer uses no timers in a browser", async () => {
  vi.stubGlobal("setTimeout", () => expect.unreachable("a timer"));
  expect(await order("setImmediate")).toContain("three");
});
