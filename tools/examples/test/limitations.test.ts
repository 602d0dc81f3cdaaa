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

  it("is that a loop ends without an error if it is slow (overflow: close)", async () => {
    const server = await serve();
    const client = await connect(server.url);
    const prices = client.subscribe("prices", { maxMessages: 1, overflow: "close" });
    for (const text of ["1", "2", "3"]) client.publish("prices", text);
    await client.flush();
    const texts: string[] = [];
    for await (const price of prices) texts.push(price.text());
    expect(texts).toEqual(["1"]);
    expect(await prices.closed).toMatchObject({ code: "SLOW" });
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

  it("is that drain times out if a request has a longer timeout", async () => {
    const server = await serve();
    server.subscribe("price");
    const client = await connect(server.url);
    const failed = expect(client.request("price", "", { timeout: 60_000 })).rejects.toMatchObject({ code: "CLOSED" });
    await expect(client.drain({ timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await failed;
    await server.close();
  });

  it("is that a request with a bad header block times out", async () => {
    const server = await serve();
    server.subscribe("price");
    const client = await connect({ servers: server.url, onStatus: () => {} });
    const headers = new TextEncoder().encode("no headers\r\n\r\n");
    await expect(client.request("price", "", { headers, timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await client.close();
    await server.close();
  });
});
