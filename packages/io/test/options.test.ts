// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import {
  anyAuthorizer,
  type Connection,
  type ConnectionOptions,
  connectWith,
  credsAuthenticator,
  MsgHeaders,
  nkeyAuthenticator,
  nkeyAuthorizer,
  type Server,
  type ServerOptions,
  serveWith,
  tokenAuthenticator,
  tokenAuthorizer,
  userAuthorizer,
  usernamePasswordAuthenticator,
} from "../src/index.ts";
import { connect, network, serve } from "./network.ts";

const debugMust = "debug must be logFrames() or logFrames(hook), not";
const debugImport = "import logFrames from the package of connect";
const usage = (message: string): unknown => expect.objectContaining({ name: "UsageError", message });

/** Calls a function as a program without types may. */
function call(of: object, name: string, ...given: unknown[]): unknown {
  return (of as Record<string, (...args: unknown[]) => unknown>)[name]?.(...given);
}

/** Returns what a call threw or rejected with. */
async function errorOf(of: object, name: string, ...given: unknown[]): Promise<unknown> {
  try {
    return await call(of, name, ...given);
  } catch (error) {
    return error;
  }
}

const wrongCalls: readonly (readonly [string, readonly unknown[], string])[] = [
  ["subscribe", ["a", { que: "w" }], 'unknown option "que" of subscribe; did you mean "queue"?'],
  ["subscribe", ["a", { callback: "x" }], "callback must be a function, not a string"],
  ["publish", ["a", "b", { replyTo: "c" }], 'unknown option "replyTo" of publish; did you mean "reply"?'],
  ["publish", ["a", "b", null], "the options of publish must be an object, not null"],
  [
    "publish",
    ["a", "b", new MsgHeaders()],
    "the options of publish must be a plain object, not an object; write { headers }",
  ],
  ["request", ["a", "b", 200], "the options of request must be an object, not a number; write { timeout: 200 }"],
  ["request", ["a", "b", { timout: 200 }], 'unknown option "timout" of request; did you mean "timeout"?'],
  ["request", ["a", "b", { timeout: "5" }], 'timeout must be a number of milliseconds, not "5"'],
];

describe("the options of a call", () => {
  it.each([
    ...wrongCalls,
    ["request", ["a", "b", { signal: new AbortController() }], "signal must be an AbortSignal, not an object"],
    ["requestMany", ["a", "b", { timeout: 5 }], 'unknown option "timeout" of requestMany; did you mean "maxWait"?'],
    ["requestMany", ["a", "b", { maxWait: 0 }], "maxWait must be a number above 0, not 0"],
    ["requestMany", ["a", "b", { maxWait: "5" }], "maxWait must be a number above 0, not 5"],
    ["flush", [5], "the options of flush must be an object, not a number; write { timeout: 5 }"],
    ["ready", [{ timeuot: 5 }], 'unknown option "timeuot" of ready; did you mean "timeout"?'],
    ["rtt", [{ timeout: -1 }], "timeout must be a number of milliseconds, not -1"],
    ["drain", [5], "the options of drain must be an object, not a number; write { timeout: 5 }"],
    ["onStatus", ["x"], "listener must be a function, not a string"],
    ["onStatus", [], "listener must be a function, not null"],
    ["subscribe", ["a", () => {}, { queue: "w" }], "too many arguments; write subscribe(subject, { queue, callback })"],
  ] as typeof wrongCalls)("of a client's %s rejects %j", async (name, given, message) => {
    const client = await connect();
    expect(await errorOf(client, name, ...given)).toEqual(usage(message));
    expect([client.isClosed, client.isDraining, client.subscriptions]).toEqual([false, false, []]);
  });

  it.each([
    ...wrongCalls,
    ["advertise", ["x"], 'the addresses must be an array like ["127.0.0.1:4222"], not "x"'],
    ["listen", [5], "listen must be a function, not a number"],
  ] as typeof wrongCalls)("of a server's %s rejects %j", async (name, given, message) => {
    expect(await errorOf(network.server, name, ...given)).toEqual(usage(message));
  });

  it("of a subscription rejects what is unknown", async () => {
    const client = await connect();
    const subscriptions = { client: client.subscribe("a"), server: network.server.subscribe("a") };
    const write = "must be an object, not a number; write { timeout: 5 }";
    for (const name of ["next", "drain", "ready"]) {
      expect(await errorOf(subscriptions.client, name, 5)).toEqual(usage(`the options of ${name} ${write}`));
    }
    expect(await errorOf(subscriptions.server, "next", 5)).toEqual(usage(`the options of next ${write}`));
  });

  it("of respond rejects what is unknown", async () => {
    const client = await connect();
    const requests = client.subscribe("a");
    const reply = client.request("a");
    const message = await requests.next();
    const error = usage('unknown option "headres" of respond; did you mean "headers"?');
    expect(await errorOf(message, "respond", "b", { headres: 1 })).toEqual(error);
    message.respond("b");
    await reply;
  });

  it("may be undefined, each and all of them", async () => {
    const wait = { timeout: undefined, signal: undefined };
    const client = await connect({ name: undefined, tls: undefined, servers: `127.0.0.1:${network.server.port}` });
    const all = client.subscribe("a", { queue: undefined, max: undefined, callback: undefined, signal: undefined });
    client.publish("a", "1", { reply: undefined, headers: undefined, borrow: undefined });
    await client.flush(wait);
    expect((await all.next(wait)).text()).toBe("1");
    await client.drain(wait);
    expect(network.server.publish("a", undefined, { reply: undefined })).toBe(0);
  });
});

describe("the options of connect", () => {
  it.each<[object, string]>([
    [{ servers: null }, "servers must be a URL or an array of URLs, not null"],
    [{ port: "4222" }, 'port must be a whole number from 1 to 65535, not "4222"'],
    [{ port: 0 }, "port must be a whole number from 1 to 65535, not 0"],
    [{ clock: Date }, "clock must be a Clock with now() and after(), not a function"],
    [{ clock: null }, "clock must be a Clock with now() and after(), not null"],
    [{ pass: 5 }, "pass must be a string, not a number"],
    [{ user: null }, "user must be a string, not null"],
    [{ debug: true }, `${debugMust} a boolean; ${debugImport}`],
    [{ debug: () => {} }, `${debugMust} a function; ${debugImport}`],
    [{ debug: null }, `${debugMust} null; ${debugImport}`],
    [{ asyncTraces: 1 }, "asyncTraces must be true or false, not a number"],
    [{ reconnect: "no" }, 'reconnect must be true or false, not "no"'],
    [{ noEcho: null }, "noEcho must be true or false, not null"],
    [{ inboxPrefix: 5 }, "inboxPrefix must be a string, not 5"],
    [{ reconnectDelay: 5 }, "reconnectDelay must be a function, not 5"],
    [{ authenticator: null }, "authenticator must be a function or an array of functions, not null"],
    [{ authenticator: ["x"] }, "authenticator must be a function or an array of functions, not an array"],
    [{ signal: new AbortController() }, "signal must be an AbortSignal, not an object"],
    [{ reconnectJitter: 5 }, 'unknown option "reconnectJitter"; did you mean "reconnectTimeWait"?'],
    [{ reconnectDelayHandler: 5 }, 'unknown option "reconnectDelayHandler"; did you mean "reconnectDelay"?'],
    [{ noAsyncTraces: true }, 'unknown option "noAsyncTraces"; did you mean "asyncTraces"?'],
    [{ resolve: true }, "resolve must be a function, not a boolean"],
    [{ toString: 5 }, expect.stringMatching(/^unknown option "toString"; the options are /)],
  ])("reject %j", async (given, message) => {
    await expect(connectWith(network.pipe.dial, given)).rejects.toEqual(usage(message));
  });

  it("reject what is not a dial", async () => {
    await expect(connectWith(5 as never)).rejects.toEqual(usage("dial must be a function, not a number"));
  });

  it("ignore empty credentials, as nats.js does", async () => {
    const client = await connect({ user: "", pass: "", token: "" });
    expect(network.server.connections[0]?.info?.options).not.toHaveProperty("user");
    const server = await serve({ authorize: tokenAuthorizer("t") });
    const servers = `127.0.0.1:${server.port}`;
    const other = await connect({ servers, user: "", token: "t" });
    expect([client.isConnected, other.isConnected]).toEqual([true, true]);
  });
});

describe("the options of serve", () => {
  it.each<[unknown, string]>([
    [null, "the options must be an object, not null"],
    [{ authorise: () => ({}) }, 'unknown option "authorise"; did you mean "authorize"?'],
    [{ users: [] }, 'unknown option "users"; did you mean "authorize"?'],
    [{ authorize: null }, "authorize must be a function, not null"],
    [{ host: "" }, 'host must be an address, not ""'],
    [{ record: "yes" }, 'record must be true or false, not "yes"'],
    [{ clock: Date }, "clock must be a Clock with now() and after(), not a function"],
  ])("reject %j", async (given, message) => {
    await expect(serveWith(network.pipe.listen, given as ServerOptions)).rejects.toEqual(usage(message));
  });

  it.each<[string, (server: Server) => Promise<void>, string]>([
    ["lameDuck", (server) => server.lameDuck("1s" as never), 'grace must be a number of milliseconds, not "1s"'],
    ["lameDuck", (server) => server.lameDuck(0, -5), "duration must be a number of milliseconds, not -5"],
    ["close", (server) => server.close(Number.NaN), "grace must be a number of milliseconds, not NaN"],
  ])("reject a wrong time in %s", async (_, call, message) => {
    const server = await serve();
    await expect(call(server)).rejects.toMatchObject({ code: "BAD_NUMBER", message: expect.stringContaining(message) });
    expect((await connect({ servers: server.url })).isConnected).toBe(true);
  });

  it("reject what is not a listen", async () => {
    await expect(serveWith(5 as never)).rejects.toEqual(usage("listen must be a function, not a number"));
  });
});

describe("credentials of the wrong kind", () => {
  it.each<[string, () => unknown, string]>([
    ["users as an object", () => userAuthorizer({ user: "a", password: "hidden" } as never), "must be an array of"],
    ["no users", () => userAuthorizer(undefined as never), "must be an array of { user, password }, not undefined"],
    [
      "pass",
      () => userAuthorizer([{ user: "a", pass: "hidden" } as never]),
      'unknown field "pass"; the fields are user, p',
    ],
    ["no password", () => userAuthorizer([{ user: "a" } as never]), "password must be a string, not undefined"],
    ["null", () => userAuthorizer([null as never]), "must be an object, not null"],
    [
      "pub",
      () => userAuthorizer([{ user: "a", password: "hidden", permissions: { pub: "a" } as never }]),
      'unknown field "pub" in permissions; the fields are publish, subscribe, allowResponses',
    ],
    [
      "denied",
      () => tokenAuthorizer("hidden", { permissions: { publish: { denied: ["a"] } as never } }),
      'unknown field "denied" in permissions.publish; the fields are allow, deny',
    ],
    ["no token", () => tokenAuthorizer(undefined as never), "the token must be a string, not undefined"],
    ["an account of 5", () => tokenAuthorizer("hidden", { account: 5 as never }), "account must be a string, not 5"],
    ["nkeys as an object", () => nkeyAuthorizer({ nkey: "U" } as never), "must be an array of { nkey }"],
    ["an authorizer's options", () => anyAuthorizer({} as never), "an authorizer must be a function"],
    ["no pass", () => usernamePasswordAuthenticator("a", undefined as never), "pass must be a string or a function"],
    ["no user", () => usernamePasswordAuthenticator(undefined as never, "hidden"), "user must be a string"],
    ["token", () => tokenAuthenticator(5 as never), "token must be a string or a function, not a number"],
    ["seed", () => nkeyAuthenticator(5 as never), "must be text or bytes, not a number"],
    ["creds", () => credsAuthenticator(null as never), "must be text or bytes, not null"],
  ])("%s are refused, without showing them", (_, attempt, message) => {
    expect(attempt).toThrow(expect.objectContaining({ name: "UsageError", message: expect.stringContaining(message) }));
    expect(attempt).not.toThrow("hidden");
  });
});

describe("the types of options", () => {
  it("accept undefined for each (exactOptionalPropertyTypes)", async () => {
    // A program that forwards options it may not have: the compiler must accept each of these.
    const read = (name: string): string | undefined => ({ known: "x" })[name];
    const connection: ConnectionOptions = {
      name: read("a"),
      inboxPrefix: read("a"),
      timeout: undefined,
      tls: undefined,
    };
    const server: ServerOptions = { host: read("a"), port: undefined, serverName: read("a"), maxPayload: undefined };
    const started = await serve({ ...server, random: undefined, clock: undefined, record: undefined });
    const client: Connection = await connect({ ...connection, servers: `127.0.0.1:${started.port}` });
    expect(client.isConnected).toBe(true);
  });
});
