// SPDX-License-Identifier: Apache-2.0
import {
  type Connection,
  type ConnectOptions,
  connect,
  MsgHeaders,
  nkeyAuthenticator,
  nkeyAuthorizer,
  tokenAuthorizer,
  userAuthorizer,
} from "@natswire/node";
import { describe, expect, it } from "vitest";
import { closing } from "../../testkit/closing.ts";
import { type RunningServer, type ServerSetup, serverKinds, startServer } from "../../testkit/servers.ts";

const permissions = { publish: { deny: ["secret"] } };

describe.each(serverKinds)("a client of %s", (kind) => {
  async function server(setup?: ServerSetup): Promise<RunningServer> {
    return closing(await startServer(kind, setup));
  }

  async function client({ port }: RunningServer, options: ConnectOptions = {}): Promise<Connection> {
    return closing(await connect({ servers: `nats://127.0.0.1:${port}`, reconnectTimeWait: 20, ...options }));
  }

  it("receives messages: wildcards, queue groups, headers, replies, max", async () => {
    const to = await server();
    const [one, two] = [await client(to), await client(to)];
    const all = one.subscribe("orders.>", { max: 100 });
    const workers = [one, two].map((each) => each.subscribe("orders.*", { queue: "q", callback: () => {} }));
    await Promise.all([one.flush(), two.flush()]);
    for (let i = 0; i < 100; i++) {
      two.publish("orders.new", String(i), { reply: "back", headers: new MsgHeaders([["n", String(i)]]) });
    }
    const seen: string[] = [];
    for await (const { headers, reply, payload } of all) seen.push(`${reply} ${headers?.get("n")} ${payload.length}`);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => `back ${i} ${String(i).length}`));
    await Promise.all([one.flush(), two.flush()]);
    expect(workers.reduce((sum, { received }) => sum + received, 0)).toBe(100);
  });

  it("requests and replies, and reports a missing responder", async () => {
    const to = await server();
    const [asks, answers] = [await client(to), await client(to)];
    answers.subscribe("double", { queue: "q", callback: (m) => void m.respond(String(2 * m.json<number>())) });
    await answers.flush();
    const replies = await Promise.all(Array.from({ length: 500 }, (_, i) => asks.request("double", String(i))));
    expect(replies.map((reply) => reply.json())).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i));
    await expect(asks.request("nobody")).rejects.toMatchObject({ code: "NO_RESPONDERS" });
  });

  it("authenticates and reports permission violations", async () => {
    const to = await server({
      options: { authorize: userAuthorizer([{ user: "ann", password: "s3cret", permissions }]) },
      config: `authorization { users: [ { user: ann, password: s3cret, permissions: ${JSON.stringify(permissions)} } ] }`,
    });
    await expect(client(to)).rejects.toMatchObject({ code: "AUTH" });
    await expect(client(to, { user: "ann", pass: "wrong" })).rejects.toMatchObject({ code: "AUTH" });
    const ann = await client(to, { user: "ann", pass: "s3cret" });
    const status = ann.status();
    ann.publish("secret");
    await ann.flush();
    expect((await status.next()).value).toMatchObject({ type: "error", error: { code: "PERMISSION" } });
    const other = await server({
      options: { authorize: tokenAuthorizer("t0ken") },
      config: "authorization { token: t0ken }",
    });
    await (await client(other, { token: "t0ken" })).flush();
    const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
    const authenticator = nkeyAuthenticator("SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y");
    const keyed = await server({
      options: { authorize: nkeyAuthorizer([{ nkey }]) },
      config: `authorization { users: [ { nkey: ${nkey} } ] }`,
    });
    await (await client(keyed, { authenticator })).flush();
    await expect(client(keyed)).rejects.toMatchObject({ code: "AUTH" });
  });

  it("rejects a payload above max_payload and stays connected", async () => {
    const to = await server({ options: { maxPayload: 1000 }, config: "max_payload: 1000" });
    const one = await client(to);
    const messages = one.subscribe("foo", { max: 1 });
    expect(() => one.publish("foo", "x".repeat(1001))).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));
    one.publish("foo", "x".repeat(1000));
    for await (const message of messages) expect(message.payload.length).toBe(1000);
  });

  it("reconnects after a restart, with subscriptions and buffered messages", async () => {
    const first = await server();
    const one = await client(first, { maxReconnectAttempts: -1 });
    const status = one.status();
    const messages = one.subscribe("foo")[Symbol.asyncIterator]();
    await one.flush();
    await first.close();
    expect((await status.next()).value.type).toBe("disconnect");
    one.publish("foo", "kept");
    await server({ ports: first });
    expect((await messages.next()).value.text()).toBe("kept");
    expect(one.stats).toMatchObject({ published: 1, reconnects: 1, dropped: 0 });
  });

  it("drain delivers what is in flight and sends its replies", async () => {
    const to = await server();
    const [publisher, worker, witness] = [await client(to), await client(to), await client(to)];
    const answers = witness.subscribe("answers", { max: 50 });
    const work = worker.subscribe("work");
    await Promise.all([witness.flush(), worker.flush()]);
    for (let i = 0; i < 50; i++) publisher.publish("work", String(i), { reply: "answers" });
    await publisher.flush();
    const done = (async () => {
      for await (const message of work) message.respond(message.payload);
    })();
    // Messages in flight to the worker arrive before the answer to its UNSUB.
    await worker.drain();
    await done;
    const seen: string[] = [];
    for await (const answer of answers) seen.push(answer.text());
    expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
  });
});
