// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import * as official from "@nats-io/transport-node";
import { nkeyAuthorizer, type ServeOptions, serve } from "@natswire/node";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { freePort } from "../../../tools/testkit/free-port.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { toConnectOptions } from "../src/connect-options.ts";
import * as dropIn from "../src/node.ts";

type Options = dropIn.NodeConnectionOptions;

const { connect, errors } = dropIn;
const certificates = makeCertificates();
afterAll(() => certificates.remove());

// Both clients: the official one shows that the test is right.
const both = [
  ["natswire", connect],
  ["the official client", official.connect],
] as const;

const seed = new TextEncoder().encode("SUAMLK2ZNL35WSMW37E7UD4VZ7ELPKW7DHC3BWBSD2GCZ7IUQQXZIORRBU");
const nonce = "PXoWU7zWAMt75FY";

/** Listens with the beginning of a server, which keeps what CONNECT contains. Returns the port, and the CONNECTs. */
async function listen(): Promise<{ port: number; connects: object[] }> {
  const connects: object[] = [];
  const sockets: Socket[] = [];
  const server = createServer(async (socket) => {
    sockets.push(socket);
    const client = new RawClient(socket);
    const info = { server_id: "a", version: "2.9.10", proto: 1, max_payload: 1024, headers: true, nonce };
    client.send(`INFO ${JSON.stringify(info)}\r\n`);
    await client.until("CONNECT ");
    connects.push(JSON.parse(await client.until("\r\n")));
    await client.until("PING\r\n");
    client.send("PONG\r\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connects };
}

/** Returns CONNECT with the defaults of a server, without the fields that name the library. */
function meaning(connectInfo: object): object {
  return { echo: true, tls_required: false, ...connectInfo, lang: undefined, version: undefined };
}

async function open(options: Options, of: typeof connect = connect): Promise<dropIn.NatsConnectionImpl> {
  const nc = await of(options);
  onTestFinished(() => nc.close());
  return nc as dropIn.NatsConnectionImpl;
}

async function started(options: ServeOptions = {}) {
  const server = await serve(options);
  onTestFinished(() => server.close());
  return server;
}

describe("CONNECT", () => {
  const { tokenAuthenticator, usernamePasswordAuthenticator, nkeyAuthenticator, jwtAuthenticator } = dropIn;

  it.each<[string, Options]>([
    ["no option", {}],
    ["name", { name: "desk" }],
    ["verbose, pedantic and noEcho", { verbose: true, pedantic: true, noEcho: true }],
    ["user and pass", { user: "ann", pass: "secret" }],
    ["user alone", { user: "ann" }],
    ["an empty user", { user: "", pass: "secret" }],
    ["token", { token: "secret" }],
    ["a function", { authenticator: () => ({ user: "ann", pass: "secret" }) }],
    ["a function that returns nothing", { authenticator: () => {} }],
    ["tokenAuthenticator", { authenticator: tokenAuthenticator(() => "secret") }],
    ["nkeyAuthenticator", { authenticator: nkeyAuthenticator(seed) }],
    ["jwtAuthenticator", { authenticator: jwtAuthenticator("a.b.c", seed) }],
    ["several", { authenticator: [tokenAuthenticator("secret"), usernamePasswordAuthenticator("ann", "secret")] }],
    ["an authenticator and a user", { authenticator: nkeyAuthenticator(seed), user: "ann", pass: "secret" }],
  ])("contains what the official client sends: %s", async (_, options) => {
    const { port, connects } = await listen();
    await open({ ...options, port });
    await open({ ...options, port }, official.connect);
    expect(connects).toHaveLength(2);
    expect(meaning(connects[0]!)).toEqual(meaning(connects[1]!));
  });

  it.each(both)("contains credentials without TLS, too: %s", async (_, of) => {
    const { port, connects } = await listen();
    // To natswire, this address is another machine.
    await open({ servers: `0.0.0.0:${port}`, user: "ann", pass: "secret" }, of);
    expect(connects).toMatchObject([{ user: "ann", pass: "secret" }]);
  });

  it("is accepted with the signature of an nkey", async () => {
    const nkey = dropIn.nkeys.fromSeed(seed).getPublicKey();
    const server = await started({ authorize: nkeyAuthorizer([{ nkey }]) });
    await open({ servers: server.url, authenticator: nkeyAuthenticator(seed) });
    expect(server.connections).toHaveLength(1);
  });
});

describe("options of nats.js", () => {
  it("have the defaults of nats.js", () => {
    expect(toConnectOptions({})).toMatchObject({
      servers: ["127.0.0.1:4222"],
      maxReconnectAttempts: 10,
      pingInterval: 120_000,
      maxPingOut: 2,
      reconnect: true,
      asyncTraces: true,
      maxPending: 64 * 1024 * 1024,
    });
    expect(toConnectOptions({ servers: undefined, maxReconnectAttempts: undefined } as never)).toMatchObject({
      servers: ["127.0.0.1:4222"],
      maxReconnectAttempts: 10,
    });
  });

  it.each<[Options, object]>([
    [{ port: 4333 }, { servers: ["127.0.0.1:4333"] }],
    [{ servers: "a:1" }, { servers: ["a:1"] }],
    [{ servers: ["a:1", "b:2"] }, { servers: ["a:1", "b:2"] }],
    [{ timeout: 1000 }, { timeout: 1000 }],
    [{ timeout: 0 }, { timeout: undefined }],
    [
      { pingInterval: 10, maxPingOut: 3 },
      { pingInterval: 10, maxPingOut: 3 },
    ],
    [
      { pingInterval: 0, maxPingOut: 0 },
      { pingInterval: undefined, maxPingOut: undefined },
    ],
    [{ maxReconnectAttempts: -1 }, { maxReconnectAttempts: -1 }],
    [{ maxReconnectAttempts: 0 }, { maxReconnectAttempts: 1 }],
    [{ reconnect: false }, { reconnect: false }],
    [{ waitOnFirstConnect: true }, { waitOnFirstConnect: true }],
    [{ noRandomize: true }, { noRandomize: true }],
    [{ ignoreClusterUpdates: true }, { ignoreClusterUpdates: true }],
    [{ ignoreAuthErrorAbort: true }, { ignoreAuthErrorAbort: true }],
    [{ inboxPrefix: "box" }, { inboxPrefix: "box" }],
    [{ inboxPrefix: "" }, { inboxPrefix: undefined }],
    [{ noAsyncTraces: true }, { asyncTraces: false }],
    [{ resolve: false }, { resolve: false }],
    [{ resolve: true }, { resolve: undefined }],
    [{ tls: null }, { tls: false }],
    [{ tls: { handshakeFirst: true, caFile: "ca" } }, { tls: { handshakeFirst: true, caFile: "ca" } }],
  ])("become those of natswire: %j", (given, wanted) => {
    const all = Object.entries(toConnectOptions(given));
    expect(Object.fromEntries(all.filter(([name]) => name in wanted))).toEqual(wanted);
  });

  it("wait between attempts at the same server only", () => {
    const waits = (given: Options, servers: number) => {
      const { selectServer, reconnectDelay } = toConnectOptions(given);
      selectServer!(Array.from({ length: servers }, () => ({ server: "a:1", isDiscovered: false, attempts: 0 })));
      return [0, 1, 2, 3, 4].map((failures) => reconnectDelay!(failures));
    };
    expect(waits({ reconnectDelayHandler: () => 7 }, 1)).toEqual([0, 7, 7, 7, 7]);
    expect(waits({ reconnectDelayHandler: () => 7 }, 2)).toEqual([0, 0, 7, 0, 7]);
    const [, fixed] = waits({ reconnectTimeWait: 500, reconnectJitter: 0 }, 1);
    expect(fixed).toBe(500);
    const [, random] = waits({ reconnectTimeWait: 0, reconnectJitterTLS: 50, reconnectJitter: 5000, tls: {} }, 1);
    expect(random).toBeLessThanOrEqual(50);
  });

  it("are all known", () => {
    const names = Object.keys(official.defaultOptions()).filter((name) => name !== "tls");
    expect(() => toConnectOptions(Object.fromEntries(names.map((name) => [name, undefined])) as never)).not.toThrow();
  });

  it("try another server when one is lost", async () => {
    const [one, other] = [await started(), await started()];
    const nc = await open({ servers: [one.url, other.url], noRandomize: true, inboxPrefix: "box" });
    expect([nc.getServer(), nc.options.inboxPrefix]).toEqual([`127.0.0.1:${one.port}`, "box"]);
    const reconnected = (async () => {
      for await (const { type } of nc.status()) if (type === "reconnect") return nc.getServer();
      return undefined;
    })();
    await one.close();
    expect(await reconnected).toBe(`127.0.0.1:${other.port}`);
  });

  it("close the connection when it is lost (reconnect: false)", async () => {
    const server = await started();
    const nc = await open({ servers: server.url, reconnect: false });
    await server.close();
    expect(await nc.closed()).toBeInstanceOf(errors.ConnectionError);
  });

  it("print frames without credentials (debug)", async () => {
    const print = vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => print.mockRestore());
    const server = await started();
    await open({ servers: server.url, debug: true, user: "ann", pass: "secret" });
    const printed = print.mock.calls.join("\n");
    expect(printed).toContain("CONNECT");
    expect(printed).not.toContain("secret");
  });

  it.each([
    [true, true],
    [undefined, false],
  ])("set noAsyncTraces for the timeouts of subscriptions: %s", async (noAsyncTraces, wanted) => {
    const server = await started();
    const nc = await open({ servers: server.url, ...(noAsyncTraces && { noAsyncTraces }) });
    expect(nc.options.noAsyncTraces).toBe(wanted);
  });

  it("let 64 MiB wait to be sent", async () => {
    const server = await started();
    const nc = await open({ servers: server.url });
    const payload = new Uint8Array(1_000_000);
    for (let i = 0; i < 60; i++) nc.publish("big", payload);
    const cause = expect.objectContaining({ code: "FULL" });
    expect(() => {
      for (let i = 0; i < 10; i++) nc.publish("big", payload);
    }).toThrow(expect.objectContaining({ name: "ConnectionError", cause }));
  });
});

describe.each(both)("TLS of %s", (_, of) => {
  const { ca, client, server: own } = certificates;
  const required = { cert: own.cert, key: own.key, ca: ca.cert, requestCert: true };

  it.each([
    ["files", { caFile: ca.certFile, certFile: client.certFile, keyFile: client.keyFile }],
    ["texts", { ca: ca.cert, cert: client.cert, key: client.key }],
  ])("uses %s", async (_, tls) => {
    const server = await started({ tls: required });
    await open({ port: server.port, tls }, of);
    expect(server.connections).toHaveLength(1);
  });

  it("begins before INFO (handshakeFirst)", async () => {
    const server = await started({ tls: { ...required, requestCert: false, when: "first" } });
    await open({ port: server.port, tls: { handshakeFirst: true, ca: ca.cert } }, of);
    expect(server.connections).toHaveLength(1);
  });

  it("accepts any certificate (rejectUnauthorized: false)", async () => {
    const server = await started({ tls: { ...required, requestCert: false } });
    await open({ port: server.port, tls: { rejectUnauthorized: false } }, of);
    await expect(of({ port: server.port, tls: {} })).rejects.toThrow(/certificate/);
  });

  it("is required if there is an object", async () => {
    const server = await started();
    await expect(of({ port: server.port, tls: {} })).rejects.toThrow(errors.ConnectionError);
  });
});

it("refuses a server that requires TLS (tls: null)", async () => {
  const { cert, key } = certificates.server;
  const server = await started({ tls: { cert, key } });
  await expect(connect({ port: server.port, tls: null })).rejects.toThrow(errors.ConnectionError);
});

describe.each(both)("errors of connect of %s", (_, of) => {
  it("are a ConnectionError if no server listens", async () => {
    await expect(of({ port: await freePort() })).rejects.toThrow(errors.ConnectionError);
  });

  it("are an AuthorizationError if the server refuses the user", async () => {
    const server = await started({ authorize: () => undefined });
    await expect(of({ port: server.port, user: "ann" })).rejects.toThrow(errors.AuthorizationError);
  });

  it("are a TimeoutError if the server sends nothing", async () => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expect(of({ port, timeout: 100 })).rejects.toThrow(errors.TimeoutError);
  });

  it("are an InvalidArgumentError for servers with port, and for ws URLs", async () => {
    await expect(of({ servers: "a", port: 1 })).rejects.toThrow(errors.InvalidArgumentError);
    await expect(of({ servers: "ws://127.0.0.1:1" })).rejects.toThrow(errors.InvalidArgumentError);
  });
});

describe("an option that is unknown or not valid", () => {
  it.each([
    [{ maxReconnects: 1 }, 'unknown option "maxReconnects"; did you mean "maxReconnectAttempts"?'],
    [{ reconnectDelay: () => 1 }, 'unknown option "reconnectDelay"; did you mean "reconnectDelayHandler"?'],
    [{ selectServer: () => 0 }, /^unknown option "selectServer"; the options are authenticator, debug, /],
    [{ tls: { certificate: "" } }, /^unknown option "certificate" of tls/],
    [{ reconnectToServer: () => null }, /'reconnectToServer' is not supported: use selectServer/],
    [{ inboxPrefix: "a b" }, 'inboxPrefix must be a subject without wildcards, not "a b"'],
    [{ name: 5 }, "name must be a string, not 5"],
    [{ timeout: "1000" }, 'timeout must be a number of milliseconds, not "1000"'],
    [{ authenticator: "ann" }, "authenticator must be a function, not a string"],
    [null, "the options must be an object, not null"],
  ])("is refused: %j", async (options, message) => {
    const error = await connect(options as never).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(errors.InvalidArgumentError);
    expect((error as Error).message).toMatch(message);
  });
});

it("exports what transport-node exports", () => {
  expect(Object.keys(dropIn).sort()).toEqual(Object.keys(official).sort());
  const { connect: _, ...others } = official;
  expect(dropIn).toMatchObject(others);
});
