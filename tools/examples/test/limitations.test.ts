// SPDX-License-Identifier: Apache-2.0
import { type ConnectionError, connect, type Message, serve, userAuthorizer } from "@natswire/node";
import { describe, expect, it } from "vitest";

// If one of these fails, change the guides: what they call a limitation has gone.
describe("a limitation that the guides name", () => {
  it("is that a request which timed out while disconnected is still sent", async () => {
    const server = await serve();
    const client = await connect({ servers: server.url, reconnectDelay: () => 10, maxReconnectAttempts: -1 });
    await server.close();
    await expect.poll(() => client.info).toBeUndefined();
    await expect(client.flush()).rejects.toMatchObject({ code: "LOST" });
    await expect(client.request("price", "", { timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });

    const again = await serve({ port: server.port, record: true });
    await again.transcript.expect({ op: "pub", subject: "price" });
    await client.close();
    await again.close();
  });

  it("is that only a status reports a denied subscription", async () => {
    const permissions = { subscribe: { deny: ["audit", "_INBOX.>"] } };
    const server = await serve({ authorize: userAuthorizer([{ user: "ann", password: "s3cret", permissions }]) });
    const client = await connect({ servers: server.url, user: "ann", pass: "s3cret" });
    const codes: unknown[] = [];
    client.onStatus((status) => codes.push(status.type === "error" && (status.error as ConnectionError).code));
    await client.subscribe("audit").ready();
    expect(codes).toEqual(["PERMISSION"]);
    await expect(client.request("price", "", { timeout: 20 })).rejects.toMatchObject({ code: "TIMEOUT" });
    await client.close();
    await server.close();
  });

  it("is that a loop ends without an error if no server is left", async () => {
    const server = await serve();
    const client = await connect({ servers: server.url, reconnectTimeWait: 1, maxReconnectAttempts: 1 });
    const prices = client.subscribe("prices");
    await client.flush();
    await server.close();
    for await (const _ of prices) expect.unreachable();
    expect(await prices.closed).toMatchObject({ code: "REFUSED" });
  });

  it("is that a drain does not wait for async callbacks", async () => {
    const server = await serve();
    const client = await connect({ servers: server.url });
    let finish = (): void => {};
    const responded = new Promise<boolean>((resolve, reject) => {
      const callback = async (request: Message): Promise<void> => {
        await new Promise<void>((resume) => {
          finish = resume;
        });
        try {
          resolve(request.respond("late"));
        } catch (error) {
          reject(error);
        }
      };
      client.subscribe("price", { callback });
    });
    await client.flush();
    server.publish("price", "", { reply: "answers" });
    await client.drain();
    finish();
    await expect(responded).rejects.toMatchObject({ code: "CLOSED" });
    await server.close();
  });

  it("is that subscribe ignores unknown options", async () => {
    const server = await serve();
    const client = await connect(server.url);
    expect(() => client.subscribe("price", { que: "workers" } as object)).not.toThrow();
    await client.close();
    await server.close();
  });
});
