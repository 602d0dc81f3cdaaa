// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePublicKey } from "@natswire/node";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../../../tools/testkit/certificates.ts";
import { natsServerVersion, type RealServer, startNatsServerFrom } from "../../../tools/testkit/nats-server.ts";
import { makeOperator } from "../../../tools/testkit/operator.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { CliProcess } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-config-"));
const certificates: Certificates = makeCertificates();
const { ca, server: certificate, client } = certificates;
const tls = { cert_file: certificate.certFile, key_file: certificate.keyFile };
const release = natsServerVersion().startsWith("2.9.") ? "2.9" : "2.14";
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const nkey = encodePublicKey("user", Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url"));
const operator = makeOperator();
const BCRYPT = "$2a$04$QbbzLfTF22oD9VWaQDXn7.o8pXu4O7U4zENIUAQWCCTrCNk06fmme"; // of s3cret

/** A port of each server. */
interface Ports {
  readonly port: number;
  readonly webSocketPort: number;
}

let real: RealServer | undefined;
let ours: CliProcess | undefined;
afterEach(async () => {
  await real?.stop();
  await ours?.interrupt();
});
afterAll(() => {
  certificates.remove();
  rmSync(folder, { recursive: true });
});

/** Starts nats-server and the command with the same file. */
async function startBoth(config: object): Promise<readonly [real: Ports, ours: Ports]> {
  const file = join(folder, "server.json");
  writeFileSync(file, JSON.stringify({ host: "127.0.0.1", port: -1, ...config }, null, 2));
  ours = new CliProcess("serve", "--config", file, "--compat", release);
  real = await startNatsServerFrom(file);
  const [, port] = await ours.waitFor(/^(?:nats|tls):\/\/\S+:(\d+) is listening/m);
  await ours.waitFor(/press ctrl\+c/);
  const [, webSocketPort] = /^wss?:\/\/\S+:(\d+) is/m.exec(ours.errors) ?? [];
  return [
    { port: real.port, webSocketPort: real.webSocketPort ?? 0 },
    { port: Number(port), webSocketPort: Number(webSocketPort ?? 0) },
  ];
}

// What differs from server to server and from connection to connection, and the build of nats-server.
const own = [
  "server_id",
  "server_name",
  "version",
  "go",
  "git_commit",
  "api_lvl",
  "xkey",
  "port",
  "client_id",
  "nonce",
];

async function infoOf({ port }: Ports): Promise<Record<string, unknown>> {
  const client = new RawClient(port);
  const info = await client.info();
  client.socket.destroy();
  return info;
}

const without = (info: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(info).filter(([name]) => !names.includes(name)));

/** Returns what a server answers to CONNECT and these lines, up to the answer to PING or the end of the connection. */
async function answerOf({ port }: Ports, connect: object | ((nonce: string) => object), lines = ""): Promise<string> {
  const client = new RawClient(port);
  const { nonce } = await client.info();
  const fields = typeof connect === "function" ? connect(String(nonce)) : connect;
  client.send(`CONNECT ${JSON.stringify({ verbose: false, ...fields })}\r\n${lines}PING\r\n`);
  const answer = await Promise.race([client.until("PONG\r\n").catch(() => undefined), client.closed]);
  client.socket.destroy();
  return (answer ?? client.received).replace(/^(PING\r\n|INFO .*\r\n)/gm, "");
}

const frames = ["foo", "bar", "foo.a", "_INBOX.x"].map((subject) => `PUB ${subject} 0\r\n\r\n`).join("");
const subscriptions = ["foo", "bar", "foo.*", "_INBOX.>"].map((subject, i) => `SUB ${subject} ${i}\r\n`).join("");
const all = `${frames}${subscriptions}SUB foo workers 8\r\nSUB foo others 9\r\n`;

const ann = { user: "ann", pass: "s3cret" };
const bob = { user: "bob", pass: "hidden" };
const strangers: Record<string, object> = {
  none: {},
  wrong: { user: "ann", pass: "wrong" },
  token: { auth_token: "t0ken" },
};

/** A configuration, who connects, and what they send. */
interface Case {
  readonly config: object;
  readonly clients?: Readonly<Record<string, object | ((nonce: string) => object)>>;
  readonly lines?: string;
  /** Fields of INFO that usually differ, and here do not. */
  readonly same?: readonly string[];
}

const cases: Readonly<Record<string, Case>> = {
  "no users": { config: {}, lines: all },
  "limits and aliases": {
    config: {
      host: undefined,
      net: "127.0.0.1",
      server_name: "one",
      MAX_PAYLOAD: 100,
      max_subs: 2,
      max_control_line: 64,
      client_advertise: "example.org:4999",
    },
    same: ["server_name", "port"],
    clients: { some: {}, more: { name: "more" } },
    lines: `PUB foo 100\r\n${"x".repeat(100)}\r\n${subscriptions}`,
  },
  "a payload above the limit": { config: { max_payload: 100 }, lines: `PUB foo 101\r\n${"x".repeat(101)}\r\n` },
  "a control line above the limit": { config: { max_control_line: 64 }, lines: `SUB ${"x".repeat(80)} 1\r\n` },
  "an address in one key": { config: { host: undefined, port: undefined, listen: "127.0.0.1:-1" } },
  "a host to advertise": { config: { client_advertise: "example.org" } },
  "one user": { config: { authorization: { user: "ann", password: "s3cret" } }, clients: { ...strangers, ann } },
  "one user with a hash": {
    config: { authorization: { username: "ann", pass: BCRYPT } },
    clients: { ...strangers, ann },
  },
  "a token": { config: { authorization: { token: "t0ken" } }, clients: { ...strangers, ann } },
  "the hash of a token": {
    config: { authorization: { token: BCRYPT, timeout: "3s" } },
    clients: { ...strangers, known: { auth_token: "s3cret" } },
  },
  users: {
    config: {
      authorization: {
        users: [
          { user: "ann", password: "s3cret", permissions: { publish: "foo.>", subscribe: ["foo", "_INBOX.>"] } },
          { username: "bob", pass: "hidden" },
          { user: "eve", password: "e", permissions: { pub: { deny: ["foo", "bar"] }, sub: { deny: "foo.>" } } },
          { user: "max", password: "m", permissions: { publish: { allow: "foo" }, subscribe: "foo workers" } },
          { user: "una", password: "u", permissions: { allow_responses: true } },
          { user: "ida", password: "i", permissions: { publish: "foo", allow_responses: { max: 2, expires: "1m" } } },
          { user: "guest" },
        ],
        default_permissions: { publish: "bar", subscribe: "bar" },
        timeout: 1.5,
      },
      no_auth_user: "guest",
    },
    clients: {
      ...strangers,
      ann,
      bob,
      eve: { user: "eve", pass: "e" },
      max: { user: "max", pass: "m" },
      una: { user: "una", pass: "u" },
      ida: { user: "ida", pass: "i" },
      guest: { user: "guest" },
    },
    lines: all,
  },
  accounts: {
    config: {
      accounts: {
        A: { users: [{ user: "ann", password: "s3cret" }], default_permissions: { publish: "foo" } },
        B: { users: [{ user: "bob", password: "hidden" }] },
      },
      authorization: { users: [{ nkey }] },
    },
    clients: { ...strangers, ann, bob, nkey: (nonce) => ({ nkey, sig: signed(nonce) }), forged: { nkey, sig: "AA" } },
    lines: frames,
  },
  "an operator": {
    config: {
      operator: operator.jwt,
      resolver: "MEMORY",
      resolver_preload: { [operator.accountNkey]: operator.accountJwt },
    },
    clients: { ...strangers, jwt: (nonce) => ({ jwt: operator.user(nkey), sig: signed(nonce) }) },
    lines: frames,
  },
};

function signed(nonce: string): string {
  return sign(null, Buffer.from(nonce), privateKey).toString("base64url");
}

describe("a file for nats-server and natswire serve", () => {
  it.each(Object.entries(cases))(
    "has the same effect on both: %s",
    async (_, { config, clients, lines, same = [] }) => {
      const both = await startBoth(config);
      const infos = await Promise.all(both.map(infoOf));
      const different = own.filter((name) => !same.includes(name));
      expect(without(infos[1]!, different)).toEqual(without(infos[0]!, different));
      for (const [name, connect] of Object.entries(clients ?? { any: {} })) {
        const answers = await Promise.all(both.map((server) => answerOf(server, connect, lines)));
        expect({ [name]: answers[1] }).toEqual({ [name]: answers[0] });
      }
    },
  );

  it.each([{ http_port: -1 }, { monitor_port: -1 }, { http: "127.0.0.1:-1" }])("monitors with %j", async (config) => {
    await startBoth({ max_payload: 100, ...config });
    const [url] = /^http:\S+(?= is listening$)/m.exec(ours?.errors ?? "") ?? [];
    for (const one of [url, real?.monitoringUrl])
      expect(await (await fetch(`${one}/varz`)).json()).toMatchObject({
        max_payload: 100,
        http_port: expect.any(Number),
      });
  });

  it("closes a connection that answers no PING", async () => {
    const both = await startBoth({ ping_interval: "100ms", ping_max: 1 });
    const clients = both.map(({ port }) => new RawClient(port));
    for (const one of clients) one.send('CONNECT {"verbose":false}\r\n');
    for (const one of clients) await one.until("-ERR 'Stale Connection'\r\n");
  });

  it("closes a connection that sends no credentials in time", async () => {
    const both = await startBoth({ authorization: { token: "t0ken", timeout: 0.1 } });
    for (const { port } of both) await new RawClient(port).until("-ERR 'Authentication Timeout'\r\n");
  });

  it("refuses connections above the limit", async () => {
    const both = await startBoth({ max_conn: 1 });
    for (const { port } of both) {
      const first = new RawClient(port);
      first.send('CONNECT {"verbose":false}\r\nPING\r\n');
      await first.until("PONG\r\n");
      await new RawClient(port).until("-ERR 'maximum connections exceeded'\r\n");
      first.socket.destroy();
    }
  });

  it("permits as many responses as it says, and keeps accounts apart", async () => {
    const permissions = { allow_responses: { max: 2, expires: "1m" } };
    const both = await startBoth({
      accounts: {
        A: {
          users: [
            { user: "ann", password: "s3cret", permissions },
            { user: "bob", password: "hidden" },
          ],
        },
        B: { users: [{ user: "eve", password: "e" }] },
      },
    });
    const answers: string[][] = [];
    for (const { port } of both) {
      const open = async (credentials: object, subject: string): Promise<RawClient> => {
        const one = new RawClient(port);
        await one.info();
        one.send(`CONNECT ${JSON.stringify({ verbose: false, ...credentials })}\r\nSUB ${subject} 1\r\nPING\r\n`);
        await one.until("PONG\r\n");
        return one;
      };
      const [responder, requester, other] = [
        await open(ann, "foo"),
        await open(bob, "in"),
        await open({ user: "eve", pass: "e" }, ">"),
      ];
      requester.send("PUB foo in 0\r\n\r\n");
      await responder.until("MSG foo 1 in 0\r\n\r\n");
      const received: string[] = [];
      for (let i = 0; i < 3; i++) {
        responder.send("PUB in 0\r\n\r\nPING\r\n");
        received.push(await responder.until("PONG\r\n"));
      }
      for (const one of [requester, other]) {
        one.send("PING\r\n");
        received.push(await one.until("PONG\r\n"));
      }
      answers.push(received.map((text) => text.replace(/^(PING\r\n|INFO .*\r\n)/gm, "")));
      for (const one of [responder, requester, other]) one.socket.destroy();
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]![2]).toContain("Permissions Violation");
    expect(answers[0]![4]).toBe("PONG\r\n");
  });

  it.each([
    ["required", { tls: { ...tls, ca_file: ca.certFile, verify: true, timeout: 3 } }],
    ["available", { tls, allow_non_tls: true }],
  ])("has the same effect on both: TLS is %s", async (_, config) => {
    const both = await startBoth(config);
    const infos = await Promise.all(both.map(infoOf));
    expect(without(infos[1]!, own)).toEqual(without(infos[0]!, own));
    for (const options of [{}, { cert: client.cert, key: client.key }]) {
      const answers: string[] = [];
      for (const { port } of both) {
        const one = new RawClient(port);
        await one.info();
        await one.startTls({ ca: ca.cert, ...options });
        one.send('CONNECT {"verbose":false}\r\nPING\r\n');
        answers.push(await one.until("PONG\r\n").catch(() => "closed"));
        one.socket.destroy();
      }
      expect(answers[1]).toBe(answers[0]);
    }
  });

  it.each([
    ["without TLS", { port: -1, no_tls: true, allowed_origins: ["https://app.example"] }],
    ["with TLS", { listen: "127.0.0.1:-1", tls, origins: "https://app.example" }],
  ])("opens a WebSocket listener for the same origins, %s", async (_, websocket) => {
    const both = await startBoth({ websocket });
    for (const origin of [undefined, "https://app.example", "https://other.example"]) {
      const statuses = await Promise.all(
        both.map(({ webSocketPort }) => statusOf(webSocketPort, "tls" in websocket, origin)),
      );
      expect(statuses[1]).toBe(statuses[0]);
      expect(statuses[0]).toBe(origin === "https://other.example" ? 403 : 101);
    }
  });
});

/** Returns the HTTP status of the answer to a WebSocket's request. */
function statusOf(port: number, isSecure: boolean, origin: string | undefined): Promise<number | undefined> {
  const handshake = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
    ...(origin && { origin }),
  };
  return new Promise((resolve, reject) => {
    const options = { port, host: "127.0.0.1", headers: handshake, ca: ca.cert };
    const sent = isSecure ? secureRequest(options) : request(options);
    sent.on("response", (response) => resolve(response.resume().statusCode));
    sent.on("upgrade", ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
    sent.on("error", reject);
    sent.end();
  });
}
