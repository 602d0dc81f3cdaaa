// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectOptions, connect, credsAuthenticator, jwtAuthenticator } from "@natswire/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { makeOperator } from "../../testkit/operator.ts";

// A key that is no secret.
const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
const operator = makeOperator();

describe("a real nats-server in operator mode", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await startNatsServer(operator.config);
  });
  afterAll(() => server.stop());

  const open: Connection[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  async function client(authenticator?: ConnectOptions["authenticator"], more?: ConnectOptions): Promise<Connection> {
    const one = await connect({ servers: `nats://127.0.0.1:${server.port}`, authenticator, ...more });
    open.push(one);
    return one;
  }

  async function canTalk(one: Connection): Promise<void> {
    const messages = one.subscribe("foo", { max: 1 });
    one.publish("foo", "hello");
    for await (const message of messages) expect(message.text()).toBe("hello");
  }

  it("lets in whoever shows a user's JWT and signs with that user's seed", async () => {
    await canTalk(await client(jwtAuthenticator(operator.user(nkey), seed)));
  });

  it.each(["\n", "\r\n"])("lets in by the text of a .creds file whose lines end with %j", async (end) => {
    const lines = [
      "-----BEGIN NATS USER JWT-----",
      operator.user(nkey),
      "------END NATS USER JWT------",
      "",
      "************************* IMPORTANT *************************",
      "NKEY Seed printed below can be used to sign and prove identity.",
      "-----BEGIN USER NKEY SEED-----",
      seed,
      "------END USER NKEY SEED------",
      "",
    ];
    await canTalk(await client(credsAuthenticator(lines.join(end))));
  });

  it("lets in a bearer by the JWT alone, and nobody else by that", async () => {
    await canTalk(await client(jwtAuthenticator(operator.user(nkey, { bearer_token: true }))));
    await expect(client(jwtAuthenticator(operator.user(nkey)))).rejects.toMatchObject({ code: "AUTH" });
  });

  it("refuses who shows nothing, what another operator's account signed, and what is no longer valid", async () => {
    await expect(client()).rejects.toMatchObject({ code: "AUTH" });
    await expect(client(jwtAuthenticator(makeOperator().user(nkey), seed))).rejects.toMatchObject({ code: "AUTH" });
    await expect(client(jwtAuthenticator(operator.user(nkey, { exp: 1 }), seed))).rejects.toMatchObject({
      code: "AUTH",
    });
  });

  it("ends a connection whose JWT runs out, and lets it in again by a new one", async () => {
    let asked = 0;
    const shown = (): string => {
      asked++;
      return operator.user(nkey, asked === 1 ? { exp: Math.floor(Date.now() / 1000) + 2 } : {});
    };
    const one = await client(jwtAuthenticator(shown, seed));
    const status = one.status();
    const messages = one.subscribe("foo")[Symbol.asyncIterator]();
    expect((await status.next()).value).toMatchObject({ type: "disconnect", error: { code: "AUTH" } });
    one.publish("foo", "behind it");
    expect((await messages.next()).value.text()).toBe("behind it");
    expect(asked).toBe(2);
    expect(one.stats).toMatchObject({ published: 1, reconnects: 1, unknown: 0, dropped: 0 });
  });

  it("tells of what the JWT does not permit, and goes on", async () => {
    const one = await client(jwtAuthenticator(operator.user(nkey, { pub: { deny: ["secret"] } }), seed));
    const status = one.status();
    one.publish("secret");
    expect((await status.next()).value).toMatchObject({ type: "error", error: { code: "PERMISSION" } });
    await canTalk(one);
  });
  it("tells by a later INFO how large a payload the JWT permits, and what is larger is refused at once", async () => {
    const one = await client(jwtAuthenticator(operator.user(nkey, { payload: 100 }), seed));
    await one.flush();
    expect(one.info).toMatchObject({ max_payload: 100 });
    expect(() => one.publish("foo", "x".repeat(101))).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
    await canTalk(one);
  });
});
