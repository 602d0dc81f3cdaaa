// SPDX-License-Identifier: Apache-2.0
import { connect, serve } from "@natswire/node";
import { describe, expect, it } from "vitest";

// If one of these fails, change the guides: what they call a limitation has gone.
describe("a limitation that the guides name", () => {
  it("is that a loop ends without an error if no server is left", async () => {
    const server = await serve();
    const client = await connect({ servers: server.url, reconnectTimeWait: 1, maxReconnectAttempts: 1 });
    const prices = client.subscribe("prices");
    await client.flush();
    await server.close();
    for await (const _ of prices) expect.unreachable();
    expect(await prices.closed).toMatchObject({ code: "REFUSED" });
  });

  it("is that a loop ends without an error if its subscription is refused", async () => {
    const server = await serve({ maxSubscriptions: 1 });
    const client = await connect(server.url);
    client.onStatus(() => {});
    client.subscribe("prices");
    const orders = client.subscribe("orders");
    for await (const _ of orders) expect.unreachable();
    expect(await orders.closed).toMatchObject({ code: "REFUSED" });
    await client.close();
    await server.close();
  });

  it("is that drain times out if a callback awaits it", async () => {
    const server = await serve();
    const client = await connect(server.url);
    let drained: Promise<void> | undefined;
    const callback = (): Promise<void> | undefined => {
      drained = client.drain({ timeout: 20 });
      return drained.catch(() => {});
    };
    await client.subscribe("shutdown", { callback }).ready();
    server.publish("shutdown");
    await client.closed;
    await expect(drained).rejects.toMatchObject({ code: "TIMEOUT" });
    await server.close();
  });

  it("is that a request in progress fails with CLOSED when drain ends", async () => {
    const server = await serve();
    server.subscribe("price");
    const client = await connect(server.url);
    const failed = expect(client.request("price", "", { timeout: 60_000 })).rejects.toMatchObject({ code: "CLOSED" });
    await client.drain();
    await failed;
    await server.close();
  });
});
