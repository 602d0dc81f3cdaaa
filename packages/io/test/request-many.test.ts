// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { RequestManyOptions } from "../src/index.ts";
import { connect, network } from "./network.ts";

/** Everybody who is asked says this, one after the other. */
function answers(...texts: string[]): void {
  const { server } = network;
  server.subscribe("ask", { callback: ({ reply = "" }) => texts.forEach((text) => void server.publish(reply, text)) });
}

async function replies(options: RequestManyOptions): Promise<string[]> {
  const client = await connect();
  const all: string[] = [];
  for await (const reply of client.requestMany("ask", "", options)) all.push(reply.text());
  return all;
}

describe("a request for many replies", () => {
  it("rejects an unknown strategy", async () => {
    const strategy = "all" as "timer";
    await expect(replies({ strategy })).rejects.toThrow('strategy must be "timer", "count", "stall" or "sentinel"');
  });

  it("ends at maxWait", async () => {
    answers("a", "b", "c");
    expect(await replies({ maxWait: 30 })).toEqual(["a", "b", "c"]);
  });

  it("ends after maxMessages", async () => {
    answers("a", "b", "c");
    expect(await replies({ strategy: "count", maxMessages: 2, maxWait: 60_000 })).toEqual(["a", "b"]);
  });

  it("ends after a silence (stall)", async () => {
    answers("a", "b");
    expect(await replies({ strategy: "stall", stall: 20, maxWait: 60_000 })).toEqual(["a", "b"]);
  });

  it("ends after an empty reply, which is included (sentinel)", async () => {
    answers("a", "", "c");
    expect(await replies({ strategy: "sentinel", maxWait: 60_000 })).toEqual(["a", ""]);
  });

  it("may use an inbox of its own, with a given name", async () => {
    const heard: (string | undefined)[] = [];
    const { server } = network;
    server.subscribe("ask", {
      callback: (message) => {
        heard.push(message.reply);
        server.publish(message.reply ?? "", "a");
      },
    });
    const client = await connect();
    expect((await client.request("ask", "", { noMux: true, reply: "mine" })).text()).toBe("a");
    expect(await replies({ noMux: true, strategy: "count", maxMessages: 1 })).toEqual(["a"]);
    await client.flush();
    expect(heard[0]).toBe("mine");
    expect(server.publish("mine")).toBe(0);
  });

  it("throws after the replies if the connection ends", async () => {
    const client = await connect();
    const nobody = client.requestMany("nobody");
    await expect(nobody.next()).rejects.toMatchObject({ code: "NO_RESPONDERS" });
    expect(await nobody.next()).toEqual({ done: true, value: undefined });
    answers("a");
    const some = client.requestMany("ask", "", { maxWait: 60_000 });
    await client.flush();
    await client.close();
    expect((await some.next()).value.text()).toBe("a");
    await expect(some.next()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("ends when its loop is left; later replies are unmatched", async () => {
    answers("a", "b");
    const client = await connect();
    let inbox = "";
    for await (const reply of client.requestMany("ask", "", { maxWait: 60_000 })) {
      inbox = reply.subject;
      break;
    }
    await client.flush();
    const { unmatched } = client.stats;
    network.server.publish(inbox, "late");
    await client.flush();
    expect(client.stats.unmatched).toBe(unmatched + 1);
  });

  it("buffers 65,536 replies, not more", async () => {
    const client = await connect();
    const { server } = network;
    server.subscribe("flood", {
      callback: ({ reply = "" }) => {
        for (let i = 0; i <= 65_536; i++) server.publish(reply, "");
      },
    });
    const all = client.requestMany("flood", "", { maxWait: 60_000 });
    // The first PONG may come before the replies.
    await client.flush();
    await client.flush();
    let count = 0;
    const read = async (): Promise<void> => {
      for await (const _ of all) count++;
    };
    await expect(read()).rejects.toMatchObject({ code: "TOO_MANY" });
    expect(count).toBe(65_536);
  });
});
