// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";
import { expect, it } from "vitest";
import { startNatsServer } from "../../testkit/nats-server.ts";

it("a client leaves a nats-server that stops answering for another one", async () => {
  const servers = [await startNatsServer(""), await startNatsServer("")] as const;
  const [used, other] = servers;
  const urls = servers.map(({ port }) => `nats://127.0.0.1:${port}`);
  const client = await connect({ servers: urls, noRandomize: true, pingInterval: 100, maxPingOut: 2 });
  const publisher = await connect({ servers: urls[1]! });
  try {
    const status = client.status();
    const messages = client.subscribe("foo")[Symbol.asyncIterator]();
    await client.flush();
    process.kill(used.pid, "SIGSTOP");
    client.publish("lost", "written to a socket that is not read");
    expect((await status.next()).value).toMatchObject({ type: "disconnect", error: { code: "STALE" } });
    expect((await status.next()).value).toMatchObject({ type: "reconnecting", after: 0, error: { code: "STALE" } });
    expect((await status.next()).value).toMatchObject({ type: "connecting", attempt: 1 });
    expect((await status.next()).value).toEqual({ type: "reconnect", server: `127.0.0.1:${other.port}` });
    await client.flush();
    publisher.publish("foo", "hello again");
    expect((await messages.next()).value.text()).toBe("hello again");
    expect(client.stats).toMatchObject({ published: 1, unknown: 1, confirmed: 0, dropped: 0, reconnects: 1 });
  } finally {
    process.kill(used.pid, "SIGCONT");
    await client.close();
    await publisher.close();
    for (const server of servers) await server.stop();
  }
});
