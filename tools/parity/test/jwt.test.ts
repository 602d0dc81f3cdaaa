// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign } from "node:crypto";
import { encodePublicKey, jwtAuthorizer, type Server, serve } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RealServer, startNatsServer } from "../../testkit/nats-server.ts";
import { makeOperator, type Operator, type UserClaims, type UserSigner } from "../../testkit/operator.ts";
import { RawClient } from "../../testkit/raw-client.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const key = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url");
const nkey = encodePublicKey("user", key);
// The same key as that of an account.
const accountKey = encodePublicKey("account", key);
const now = Math.floor(Date.now() / 1000);
const operator = makeOperator({
  revocations: { [nkey]: now - 1000 },
  default_permissions: { pub: { deny: ["default"] }, sub: {} },
});
const noBearer = { subs: -1, data: -1, payload: -1, conn: -1, leaf: -1, disallow_bearer: true };
const stranger = makeOperator();
// An account signed it, not the operator itself.
const unsigned = operator.user(operator.nkey, { type: "operator" });
const forged = operator.user(nkey).replace(/[^.]*$/, operator.user(nkey, { nbf: now }).split(".")[2]!);
const signed = (nonce: string): string => sign(null, Buffer.from(nonce), privateKey).toString("base64url");

let ours: Server;
let real: RealServer;
beforeAll(async () => {
  ours = await serve({
    authorize: await jwtAuthorizer({ operators: [operator.jwt], accounts: [operator.accountJwt] }),
  });
  real = await startNatsServer(operator.config);
});
afterAll(async () => {
  await ours.close();
  await real.stop();
});

/** Returns what a server answers to CONNECT, to publishing to these subjects, and to PING. */
async function answerOf(port: number, credentials: (nonce: string) => object): Promise<string> {
  const client = new RawClient(port);
  const { nonce, auth_required } = await client.info();
  expect(auth_required).toBe(true);
  const connect = JSON.stringify({ verbose: false, ...credentials(String(nonce)) });
  const subjects = ["default", "scoped", "own"].map((subject) => `PUB ${subject} 0\r\n\r\n`).join("");
  client.send(`CONNECT ${connect}\r\n${subjects}SUB own 1\r\nSUB own q 2\r\nPING\r\n`);
  const answer = await Promise.race([client.until("PONG\r\n").catch(() => undefined), client.closed]);
  client.socket.destroy();
  return (answer ?? client.received).replace(/^PING\r\n/gm, "");
}

describe("the embedded server with operators, compared with nats-server", () => {
  it.each<[what: string, claims: UserClaims, by?: UserSigner]>([
    ["a user of the account", {}],
    ["a user of a signing key", {}, "key"],
    ["a user of a scoped key", {}, "scope"],
    ["a user of a scoped key with claims of its own", { pub: { allow: ["own"] } }, "scope"],
    ["a user of a scoped key with empty claims, as nsc writes them", { pub: {}, sub: {} }, "scope"],
    ["a user of another account's key", {}, "stranger"],
    ["a user who may publish to some subjects", { pub: { allow: ["own"] } }],
    ["a user who may not publish to some subjects", { pub: { deny: ["own"] } }],
    ["a user with a list of denied and an empty one", { pub: { allow: [], deny: ["own"] } }],
    ["a user who may subscribe to some subjects", { sub: { allow: ["other"] } }],
    ["a user who may subscribe in some queue groups", { sub: { allow: ["own q"] } }],
    ["a user who may not subscribe in some queue groups", { sub: { deny: ["own q"] } }],
    ["a user with responses", { resp: { max: 1, ttl: 0 } }],
    ["a JWT that has expired", { exp: now - 10 }],
    ["a JWT that expires later", { exp: now + 1000 }],
    ["a JWT that is not valid yet", { nbf: now + 1000 }],
    ["a JWT that was issued before a revocation", { iat: now - 2000 }],
    ["a JWT of another algorithm", { header: { alg: "HS256" } }],
    ["a JWT of no algorithm", { header: { alg: "none" } }],
    ["a token that is not a JWT", { header: { typ: "JWE" } }],
    ["a JWT of another type", { type: "account" }],
    ["a JWT of a later version", { version: 3 }],
    ["a JWT for WebSockets only", { allowed_connection_types: ["WEBSOCKET"] }],
    ["a JWT for this kind of connection", { allowed_connection_types: ["standard", "MQTT"] }],
  ])("gives the same answer to %s", async (_, claims, by) => {
    const jwt = operator.user(nkey, claims, by);
    const answers: string[] = [];
    for (const { port } of [real, ours]) {
      answers.push(await answerOf(port, (nonce) => ({ jwt, sig: signed(nonce) })));
    }
    expect(answers[1]).toBe(answers[0]);
  });

  it.each<[what: string, credentials: (nonce: string) => object]>([
    ["a bearer token without a signature", () => ({ jwt: operator.user(nkey, { bearer_token: true }) })],
    ["a JWT without a signature", () => ({ jwt: operator.user(nkey) })],
    ["a signature of another nonce", () => ({ jwt: operator.user(nkey), sig: signed("AAAAAAAAAAAAAAA") })],
    ["a JWT of another operator", (nonce) => ({ jwt: stranger.user(nkey), sig: signed(nonce) })],
    ["a JWT with the signature of another", (nonce) => ({ jwt: forged, sig: signed(nonce) })],
    ["the account's JWT", (nonce) => ({ jwt: operator.accountJwt, sig: signed(nonce) })],
    ["no JWT", (nonce) => ({ nkey, sig: signed(nonce) })],
    ["text that is no JWT", (nonce) => ({ jwt: "a.b.c", sig: signed(nonce) })],
    ["a CONNECT without credentials", () => ({})],
  ])("gives the same answer to %s", async (_, credentials) => {
    const answers: string[] = [];
    for (const { port } of [real, ours]) {
      answers.push(await answerOf(port, credentials));
    }
    expect(answers[1]).toBe(answers[0]);
  });

  it("accepts what these tests take as valid", async () => {
    const answer = await answerOf(ours.port, (nonce) => ({ jwt: operator.user(nkey), sig: signed(nonce) }));
    expect(answer).toBe("-ERR 'Permissions Violation for Publish to \"default\"'\r\nPONG\r\n");
  });

  /** Returns what a server sends to a user until it closes the connection. */
  async function lastWords(port: number, jwt: string): Promise<string> {
    const client = new RawClient(port);
    const { nonce } = await client.info();
    client.send(`CONNECT ${JSON.stringify({ verbose: false, jwt, sig: signed(String(nonce)) })}\r\n`);
    await client.closed;
    return client.received.replace(/^PING\r\n/gm, "");
  }

  it("closes the connection when the JWT expires, as nats-server does", async () => {
    const jwt = operator.user(nkey, { exp: Math.floor(Date.now() / 1000) + 2 });
    const answers = await Promise.all([real, ours].map(({ port }) => lastWords(port, jwt)));
    expect(answers).toEqual(answers.map(() => "-ERR 'User Authentication Expired'\r\n"));
  });

  it("closes the connection when the account's JWT expires", async () => {
    const other = makeOperator({}, { exp: Math.floor(Date.now() / 1000) + 2 });
    const authorize = await jwtAuthorizer({ operators: [other.jwt], accounts: [other.accountJwt] });
    await using embedded = await serve({ authorize });
    const native = await startNatsServer(other.config);
    const jwt = other.user(nkey);
    const answers = await Promise.all([native, embedded].map(({ port }) => lastWords(port, jwt)));
    await native.stop();
    expect(answers).toEqual(["-ERR 'Account Authentication Expired'\r\n", "-ERR 'User Authentication Expired'\r\n"]);
  });

  // nats-server accepts the first four of these.
  it.each<[what: string, jwt: string]>([
    ["with addresses", operator.user(nkey, { src: ["127.0.0.0/8"] })],
    ["with times", operator.user(nkey, { times: [{ start: "00:00:00", end: "23:59:59" }] })],
    ["of a scoped key with variables", operator.user(nkey, {}, "variables")],
    ["of an account's key", operator.user(accountKey)],
    ["of an account that is not listed", stranger.user(nkey)],
    ["with a fourth part", `${operator.user(nkey)}.`],
  ])("denies a JWT %s", async (_, jwt) => {
    expect(await answerOf(ours.port, (nonce) => ({ jwt, sig: signed(nonce) }))).toContain("Authorization Violation");
  });

  it.each<[what: string, operator: Operator, claims?: UserClaims]>([
    ["has expired", makeOperator({}, { exp: now - 10 })],
    ["revokes all users", makeOperator({ revocations: { "*": now + 10 } })],
    ["allows no bearer tokens", makeOperator({ limits: noBearer }), { bearer_token: true }],
  ])("gives the same answer if the account %s", async (_, other, claims) => {
    const authorize = await jwtAuthorizer({ operators: [other.jwt], accounts: [other.accountJwt] });
    await using embedded = await serve({ authorize });
    const native = await startNatsServer(other.config);
    const credentials = (nonce: string): object => ({ jwt: other.user(nkey, claims), sig: signed(nonce) });
    const answers = [await answerOf(native.port, credentials), await answerOf(embedded.port, credentials)];
    await native.stop();
    expect(answers).toEqual(answers.map(() => "-ERR 'Authorization Violation'\r\n"));
  });

  it("trusts an operator's key, and the signing keys in its JWT", async () => {
    const byKey = makeOperator({}, { isByKey: true });
    await jwtAuthorizer({ operators: [operator.nkey], accounts: [operator.accountJwt] });
    await jwtAuthorizer({ operators: [byKey.jwt], accounts: [byKey.accountJwt] });
    const accounts = [byKey.accountJwt];
    await expect(jwtAuthorizer({ operators: [byKey.nkey], accounts })).rejects.toThrow("accounts[0] must be");
  });

  it.each<[unknown, string]>([
    [{ operators: "O", accounts: [] }, "operators must be an array of strings"],
    [{ operators: ["OAAA"], accounts: [] }, "operators[0] must be the public key or the JWT of an operator"],
    [{ operators: [unsigned], accounts: [] }, "operators[0] must be the public key or the JWT of an operator"],
    [{ operators: [nkey], accounts: [] }, "operators[0] must be the public key or the JWT of an operator"],
    [
      { operators: [stranger.jwt], accounts: [operator.accountJwt] },
      "accounts[0] must be the JWT of an account, signed by one of the operators",
    ],
    [{ operators: [], accounts: [], resolver: "x" }, "resolver"],
  ])("throws for options that are not valid: %j", async (options, message) => {
    await expect(jwtAuthorizer(options as never)).rejects.toThrow(message);
  });
});
