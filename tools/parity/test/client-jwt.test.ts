// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectOptions, connect, credsAuthenticator, jwtAuthenticator } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closing } from "../../testkit/closing.ts";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { makeOperator } from "../../testkit/operator.ts";

// Made up for these tests.
const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
const seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
const operator = makeOperator();

describe("a client of a real nats-server in operator mode", () => {
  let server: RealServer;
  beforeAll(async () => {
    server = await startNatsServer(operator.config);
  });
  afterAll(() => server.stop());

  async function client(authenticator?: ConnectOptions["authenticator"], more?: ConnectOptions): Promise<Connection> {
    return closing(await connect({ servers: `nats://127.0.0.1:${server.port}`, authenticator, ...more }));
  }

  async function roundTrip(one: Connection): Promise<void> {
    const messages = one.subscribe("foo", { max: 1 });
    one.publish("foo", "hello");
    for await (const message of messages) expect(message.text()).toBe("hello");
  }

  it("authenticates with a user's JWT and seed", async () => {
    await roundTrip(await client(jwtAuthenticator(operator.user(nkey), seed)));
  });

  it.each(["\n", "\r\n"])("authenticates with a .creds file whose lines end with %j", async (end) => {
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
    await roundTrip(await client(credsAuthenticator(lines.join(end))));
  });

  it("authenticates with a JWT alone only if it is a bearer token", async () => {
    await roundTrip(await client(jwtAuthenticator(operator.user(nkey, { bearer_token: true }))));
    await expect(client(jwtAuthenticator(operator.user(nkey)))).rejects.toMatchObject({ code: "AUTH" });
  });

  it("is rejected without a JWT, with another operator's or an expired one", async () => {
    await expect(client()).rejects.toMatchObject({ code: "AUTH" });
    await expect(client(jwtAuthenticator(makeOperator().user(nkey), seed))).rejects.toMatchObject({ code: "AUTH" });
    await expect(client(jwtAuthenticator(operator.user(nkey, { exp: 1 }), seed))).rejects.toMatchObject({
      code: "AUTH",
    });
  });

  it("reconnects with a new JWT after the old one expired", async () => {
    let asked = 0;
    const currentJwt = (): string => {
      asked++;
      return operator.user(nkey, asked === 1 ? { exp: Math.floor(Date.now() / 1000) + 2 } : {});
    };
    const one = await client(jwtAuthenticator(currentJwt, seed));
    const status = one.status();
    const messages = one.subscribe("foo")[Symbol.asyncIterator]();
    expect((await status.next()).value).toMatchObject({ type: "disconnect", error: { code: "AUTH" } });
    one.publish("foo", "after it");
    expect((await messages.next()).value.text()).toBe("after it");
    expect(asked).toBe(2);
    expect(one.stats).toMatchObject({ published: 1, reconnects: 1, unknown: 0, dropped: 0 });
  });

  it("reports what the JWT does not permit and stays connected", async () => {
    const one = await client(jwtAuthenticator(operator.user(nkey, { pub: { deny: ["secret"] } }), seed));
    const status = one.status();
    one.publish("secret");
    expect((await status.next()).value).toMatchObject({ type: "error", error: { code: "PERMISSION" } });
    await roundTrip(one);
  });

  it("rejects a payload above the limit that the JWT sets in a later INFO", async () => {
    const one = await client(jwtAuthenticator(operator.user(nkey, { payload: 100 }), seed));
    await one.flush();
    expect(one.info).toMatchObject({ max_payload: 100 });
    expect(() => one.publish("foo", "x".repeat(101))).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
    await roundTrip(one);
  });
});
