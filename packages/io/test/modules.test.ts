// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { closing } from "../../../tools/testkit/closing.ts";
import { runtime } from "../../../tools/testkit/runtimes.ts";
import { TestModule } from "../../../tools/testkit/test-module.ts";
import {
  type Clock,
  pipe,
  type Server,
  type ServerOptions,
  serveClusterWith,
  serveWith,
  VirtualClock,
} from "../src/index.ts";
import { connect, network, serve } from "./network.ts";

const on = (pattern: string, id = 1) => ({ do: "subscribe", id, account: undefined, pattern }) as const;

/** Returns a module that answers each message to its reply subject. */
function echo(pattern: string): TestModule {
  const module = new TestModule([on(pattern)]);
  module.answer = ({ subject, reply = "" }) => module.publish(reply, `re ${subject}`);
  return module;
}

/** Starts a server of its own, and forgets what happened at the start. */
async function start(module: TestModule, options: ServerOptions = {}): Promise<Server> {
  const server = await serve({ jetstream: module, ...options });
  module.log;
  return server;
}

describe("the module of a server", () => {
  it("answers clients and the program", async () => {
    network.server = await start(echo("ask.*"), { modules: [echo("tell")] });
    const client = await connect();
    expect((await client.request("ask.a")).text()).toBe("re ask.a");
    expect((await network.server.request("ask.b")).text()).toBe("re ask.b");
    expect((await network.server.request("tell")).text()).toBe("re tell");
    await expect(client.request("else")).rejects.toMatchObject({ code: "NO_RESPONDERS" });
  });

  it("says in INFO what it is", async () => {
    network.server = await start(new TestModule([], { jetstream: true, version: "2.11.0", api_lvl: 1 }));
    expect((await connect()).info).toMatchObject({ jetstream: true, version: "2.11.0", api_lvl: 1 });
  });

  it("is one for all servers of a cluster, and all listeners", async () => {
    const module = echo("ask");
    const net = pipe();
    const cluster = closing(await serveClusterWith(net.listen, 2, { jetstream: module }));
    const more = await cluster.listen(net.listen);
    network.pipe = net;
    for (const { port } of [...cluster.servers, more]) {
      const client = await connect({ servers: `nats://127.0.0.1:${port}` });
      expect((await client.request("ask")).text()).toBe("re ask");
    }
    const ids = module.publishers.map((publisher) => publisher?.server.server_id);
    expect([ids.length, new Set(ids).size]).toEqual([3, 2]);
  });

  it("closes the listener if it throws at the start", async () => {
    const net = pipe();
    const module = new TestModule();
    module.started = () => {
      throw new Error("no");
    };
    await expect(serveWith(net.listen, { port: 4222, jetstream: module })).rejects.toThrow("no");
    closing(await serveWith(net.listen, { port: 4222 }));
  });

  it.each([
    [{ jetstream: true }, "jetstream must be what jetstream() of @natswire/jetstream-server returns, not true"],
    [{ jetstream: null }, "jetstream must be what jetstream() of @natswire/jetstream-server returns, not null"],
    [{ modules: [1] }, /^modules must be an array of modules/],
    [{ jetStream: true }, 'unknown option "jetStream"; did you mean "jetstream"?'],
    [{ module: [] }, 'unknown option "module"; did you mean "modules"?'],
  ])("is refused if it is not one: %j", async (options, message) => {
    const refused = serveWith(pipe().listen, options as object);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ code: "BAD_FIELD" });
  });
});

describe("the time of a module", () => {
  it("passes with the server's clock until the server is closed", async () => {
    const module = new TestModule();
    module.deadline = 1000;
    const clock = new VirtualClock();
    const server = await start(module, { clock });
    clock.pass(999);
    expect(module.log).toEqual([]);
    clock.pass(1);
    expect(module.log).toEqual(["elapsed 1000"]);
    module.deadline = 2000;
    module.host.wake();
    await server.close();
    clock.pass(5000);
    module.host.wake();
    await Promise.resolve();
    clock.pass(5000);
    expect(module.log).toEqual([]);
  });

  it("is a fixed date on a virtual clock, or the one it was given", async () => {
    const dates: string[] = [];
    for (const clock of [new VirtualClock(), new VirtualClock(Date.UTC(2030, 1, 2))]) {
      const module = new TestModule([on("a")]);
      clock.pass(60_000);
      const server = await start(module, { clock });
      clock.pass(1500);
      server.publish("a");
      dates.push(new Date(module.host.wall).toISOString());
    }
    expect(dates).toEqual(["2024-01-01T00:01:01.500Z", "2030-02-02T00:01:01.500Z"]);
  });

  it("is the machine's date by default, and 2024 on a clock without one", async () => {
    const module = new TestModule();
    const before = Date.now();
    await start(module);
    const { wall } = module.host;
    expect(wall).toBeGreaterThanOrEqual(before);
    expect(wall).toBeLessThanOrEqual(Date.now() + 1);
    const clock: Clock = { now: () => 7, after: () => () => {} };
    const server = await start(module, { clock });
    server.publish("a");
    expect(module.host.wall).toBe(Date.UTC(2024, 0, 1) + 7);
  });
});

it("A deadline of a module does not keep the process of an idle server", async () => {
  const [program = "", ...options] = runtime("node24").command;
  const file = fileURLToPath(new URL("idle-module.program.ts", import.meta.url));
  const args = [...options, "--conditions=@natswire/source", file];
  const { stdout } = await promisify(execFile)(program, args, { timeout: 30_000 });
  expect(stdout).toBe("started\n");
});

describe("a module that wakes its server", () => {
  it("is polled before anything else, in a microtask", async () => {
    const module = new TestModule();
    const server = await start(module);
    const received = server.subscribe("news");
    module.publish("news", "1");
    module.publish("news", "2");
    module.host.wake();
    module.host.wake();
    await Promise.resolve();
    expect(server.stats.delivered).toBe(2);
    expect((await received.next()).text()).toBe("1");
  });

  it("is woken when the program subscribes to what it watches", async () => {
    const module = new TestModule([{ do: "watch", account: "$G", subject: "push" }]);
    const server = await start(module);
    module.more = () => {
      if (module.log.includes("+ $G push")) module.publish("push", "1");
    };
    const received = server.subscribe("push");
    expect((await received.next()).text()).toBe("1");
  });
});
