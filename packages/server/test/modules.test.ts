// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { ModuleAction } from "../src/index.ts";
import { ServerHarness } from "./server-harness.ts";
import { TestModule } from "./test-module.ts";

const everywhere = (pattern: string, id = 1): ModuleAction => ({ do: "subscribe", id, account: undefined, pattern });

/** Returns a module that answers each message with its subject. */
function echo(pattern: string): TestModule {
  const module = new TestModule([everywhere(pattern)]);
  module.answer = ({ subject, reply }) => module.publish(reply ?? "nobody", `re ${subject}`);
  return module;
}

describe("a module", () => {
  it("receives messages of clients, and answers before the next frame", () => {
    const server = new ServerHarness({ modules: [echo("ask.>")] });
    const peer = server.connect();
    expect(server.exchange(peer, "SUB in 1\r\nPUB ask.a in 0\r\n\r\nPING\r\nPUB ask.b in 0\r\n\r\nPING\r\n")).toBe(
      "MSG in 1 8\r\nre ask.a\r\nPONG\r\nMSG in 1 8\r\nre ask.b\r\nPONG\r\n",
    );
  });
});
