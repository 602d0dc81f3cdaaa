// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectOptions, connect, type Status } from "@natswire/node";
import { describe, expect, it, onTestFinished } from "vitest";
import { closing } from "../../testkit/closing.ts";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";

describe("status events of a client of a real nats-server", () => {
  async function server(config = ""): Promise<RealServer> {
    const started = await startNatsServer(config);
    onTestFinished(() => started.stop());
    return started;
  }

  async function client(servers: readonly RealServer[], options: ConnectOptions = {}): Promise<Connection> {
    const urls = servers.map(({ port }) => `nats://127.0.0.1:${port}`);
    return closing(await connect({ servers: urls, noRandomize: true, reconnectTimeWait: 20, ...options }));
  }

  async function types(status: AsyncIterable<Status>, last: Status["type"]): Promise<Status["type"][]> {
    const seen: Status["type"][] = [];
    for await (const { type } of status) {
      seen.push(type);
      if (type === last) break;
    }
    return seen;
  }

  it("report denied subscriptions and queue groups", async () => {
    const permissions = `{ publish: ">", subscribe: { allow: [ "foo", "work q", "_INBOX.>" ] } }`;
    const to = await server(
      `authorization { users: [ { user: ann, password: s3cret, permissions: ${permissions} } ] }`,
    );
    const ann = await client([to], { user: "ann", pass: "s3cret" });
    const status = ann.status();
    const next = async (): Promise<Status> => (await status.next()).value;
    ann.subscribe("secret", { callback: () => {} });
    expect(await next()).toMatchObject({
      type: "error",
      error: { code: "PERMISSION", message: expect.stringContaining(`"secret"`) },
    });
    ann.subscribe("work", { queue: "other", callback: () => {} });
    expect(await next()).toMatchObject({
      type: "error",
      error: { code: "PERMISSION", message: expect.stringContaining(`queue "other"`) },
    });
    const messages = ann.subscribe("foo", { max: 1 });
    const work = ann.subscribe("work", { queue: "q", max: 1 });
    ann.publish("foo", "hello");
    ann.publish("work", "do");
    for await (const message of messages) expect(message.text()).toBe("hello");
    for await (const message of work) expect(message.text()).toBe("do");
    await expect(ann.request("work", "", { timeout: 500 })).rejects.toMatchObject({ code: "NO_RESPONDERS" });
  });

  it("report lame duck mode, then the reconnection to another server", async () => {
    const [first, second] = [await server(`lame_duck_grace_period: "10ms"\nlame_duck_duration: "30s"`), await server()];
    const one = await client([first, second]);
    const witness = await client([second]);
    const status = one.status();
    const messages = one.subscribe("foo")[Symbol.asyncIterator]();
    await one.flush();
    first.lameDuck();
    expect(await types(status, "reconnect")).toEqual(["ldm", "disconnect", "reconnecting", "connecting", "reconnect"]);
    await one.flush();
    witness.publish("foo", "there");
    expect((await messages.next()).value.text()).toBe("there");
    expect(one.stats).toMatchObject({ reconnects: 1, dropped: 0 });
  });
});
