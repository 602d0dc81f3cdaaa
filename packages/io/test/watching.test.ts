// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from "vitest";
import { nextUncaught } from "../../../tools/testkit/uncaught.ts";
import { statusOf } from "../src/client/statuses.ts";
import { type Connection, connectWith, logFrames, type Status, tokenAuthorizer, userAuthorizer } from "../src/index.ts";
import { connect, network, serve } from "./network.ts";

describe("connection statuses", () => {
  it("are emitted to a listener until it is removed", async () => {
    const client = await connect({ reconnectDelay: () => 0 });
    const [all, first]: [Status["type"][], Status["type"][]] = [[], []];
    client.onStatus(({ type }) => all.push(type));
    const stop = client.onStatus(({ type }) => {
      first.push(type);
      stop();
    });
    network.server.connections[0]?.kill();
    while (!all.includes("reconnect")) await new Promise((resolve) => setTimeout(resolve, 1));
    await client.close();
    expect(all).toEqual(["disconnect", "reconnecting", "connecting", "reconnect", "close"]);
    expect(first).toEqual(["disconnect"]);
  });

  it("begin with the first attempt for the option onStatus", async () => {
    const seen: Status[] = [];
    const servers = ["nats://127.0.0.1:9", network.server.url];
    const options = { servers, noRandomize: true, waitOnFirstConnect: true, reconnectDelay: () => 0 };
    const client = await connect({ ...options, onStatus: (status) => void seen.push(status) });
    await client.close();
    const server = `127.0.0.1:${network.server.port}`;
    const error = expect.objectContaining({ code: "REFUSED" });
    expect(seen).toEqual([
      { type: "connecting", server: "127.0.0.1:9", attempt: 1, error: undefined },
      { type: "reconnecting", after: 0, error },
      { type: "connecting", server, attempt: 2, error },
      { type: "connect", server },
      { type: "close" },
    ]);
  });

  it("carry the errors of disconnects and attempts", async () => {
    const client = await connect({ reconnectDelay: () => 0, user: "ann", pass: "s" });
    const reason: string[] = [];
    client.onStatus((status) => {
      if (status.type === "disconnect" || status.type === "reconnecting") reason.push(status.error.message);
    });
    const strict = await serve({ authorize: userAuthorizer([{ user: "bob", password: "s" }]) });
    const { port, url: servers } = strict;
    client.setServers(servers);
    client.reconnect();
    const end = await client.closed;
    const refused = `AUTH: 127.0.0.1:${port}: Authorization Violation`;
    expect(reason.at(-1)).toBe(refused);
    expect(end?.message).toBe(`${refused}; no server left to try`);
    await expect(connect({ servers, user: "eve", pass: "s", waitOnFirstConnect: true })).rejects.toThrow(end?.message);
  });

  it("name a server as its URL does", () => {
    const to = { scheme: "tcp", host: "::1", port: 1, path: undefined, serverName: "::1" } as const;
    const connected = { event: "connected", to, info: {}, again: true } as const;
    expect(statusOf(connected)).toEqual({ type: "reconnect", server: "[::1]:1" });
  });

  it("are emitted to the other listeners if one throws", async () => {
    const client = await connect();
    const error = new Error("mine");
    const seen: string[] = [];
    client.onStatus(() => {
      throw error;
    });
    client.onStatus(({ type }) => seen.push(type));
    const [uncaught] = await Promise.all([nextUncaught(), client.close()]);
    expect(uncaught).toBe(error);
    expect(seen).toEqual(["close"]);
  });
});

describe("the debug hook", () => {
  it("gets every frame, without credentials", async () => {
    network.server = await serve({ authorize: userAuthorizer([{ user: "ann", password: "s3cret" }]) });
    const lines: string[] = [];
    const frames: unknown[] = [];
    const client = await connect({
      user: "ann",
      pass: "s3cret",
      debug: logFrames((entry, line) => {
        frames.push(entry.frame);
        lines.push(line.replace(/\{.*\}/, "{…}"));
      }),
    });
    client.subscribe("foo.*");
    client.publish("foo.bar", "hello");
    await client.flush();
    expect(lines).toEqual([
      "1 <- INFO {…}",
      "1 -> CONNECT {…}",
      "1 -> PING",
      "1 <- PONG",
      "1 <- INFO {…}",
      "1 -> SUB foo.* 1",
      "1 -> PUB foo.bar 5␍␊hello",
      "1 -> PING",
      "1 <- MSG foo.bar 1 5␍␊hello",
      "1 <- PONG",
    ]);
    expect(JSON.stringify(frames)).not.toContain("s3cret");
    expect(frames[1]).toMatchObject({ op: "connect", options: { user: "ann", pass: "***" } });
  });

  it("prints with console.error if none is given", async () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    const client = await connectWith(network.pipe.dial, { port: network.server.port, debug: logFrames() });
    await client.close();
    expect(printed.mock.calls.map(([line]) => line)).toContain("1 -> PING");
    printed.mockRestore();
  });

  it("stops nothing if it throws", async () => {
    const error = new Error("mine");
    let calls = 0;
    const debug = logFrames(() => {
      if (++calls === 1) throw error;
    });
    const [uncaught, client] = await Promise.all([nextUncaught(), connect({ debug })]);
    await client.flush();
    expect(uncaught).toBe(error);
  });

  it.each([
    ["a request", (client: Connection) => client.request("nobody")],
    ["a request in vain", (client: Connection) => client.request("silent", "", { timeout: 5 })],
    ["a flush", (client: Connection) => client.flush()],
    ["a flush with a timeout", (client: Connection) => client.flush({ timeout: 5 })],
    [
      "replies",
      async (client: Connection) => {
        for await (const _ of client.requestMany("nobody"));
      },
    ],
  ])("names the function that awaits %s in the stack of its error", async (_, act) => {
    network.server.subscribe("silent", { callback: () => {} });
    const client = await connect({ reconnect: false });
    async function whoAwaits(): Promise<void> {
      await act(client);
    }
    const failed = whoAwaits().catch((error: Error) => error.stack);
    if (act.toString().includes("flush")) network.server.connections[0]?.kill();
    expect(await failed).toMatch(/at (async )?whoAwaits .*watching\.test\.ts/);
  });

  it("has errors show the caller (asyncTraces: true)", async () => {
    const client = await connect({ asyncTraces: true });
    async function whoAsked(): Promise<unknown> {
      return client.request("nobody").catch((error) => error.stack);
    }
    expect(await whoAsked()).toContain("whoAsked");
    // A reason is left as it is: others have it too.
    const mine = new Error("mine");
    const { stack } = mine;
    network.server.subscribe("silent", { callback: () => {} });
    const controller = new AbortController();
    const refused = expect(client.request("silent", "", { signal: controller.signal })).rejects.toBe(mine);
    controller.abort(mine);
    await refused;
    expect(mine.stack).toBe(stack);
  });
});

describe("options of connect", () => {
  it("merge several authenticators in order", async () => {
    network.server = await serve({ authorize: userAuthorizer([{ user: "ann", password: "s3cret" }]) });
    const authenticator = [() => ({ user: "bob", pass: "s3cret" }), async () => ({ user: "ann" })];
    await (await connect({ authenticator })).flush();
  });

  it("let the program select the server", async () => {
    const other = await serve({ authorize: tokenAuthorizer("other") });
    const servers = [network.server, other].map(({ port }) => `nats://other@127.0.0.1:${port}`);
    const client = await connect({ servers, noRandomize: true, selectServer: (choices) => choices.length - 1 });
    await client.flush();
    expect(other.connections.length).toBe(1);
    client.setServers(`nats://127.0.0.1:${network.server.port}`);
    const status = client.status();
    client.reconnect();
    while ((await status.next()).value.type !== "reconnect");
    expect(network.server.connections.length).toBe(1);
    expect(() => client.setServers("http://x")).toThrow('"http://x" is not a server URL');
  });
});
