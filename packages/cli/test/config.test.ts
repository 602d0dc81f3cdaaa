// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@natswire/node";
import { Command } from "commander";
import { afterAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { addServeOptions } from "../src/commands/serve-options.ts";
import { readConfig } from "../src/config/read-config.ts";
import { setupOf } from "../src/config/setup.ts";
import { CliProcess, runCli } from "./cli-process.ts";

const folder = mkdtempSync(join(tmpdir(), "natswire-config-"));
const file = join(folder, "server.json");
const certificates = makeCertificates();
const { certFile: cert_file, keyFile: key_file } = certificates.server;
afterAll(() => {
  certificates.remove();
  rmSync(folder, { recursive: true });
});

function write(config: unknown): string {
  writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
  return file;
}

/** Returns the error of a configuration, without the name of the file. */
async function errorOf(config: unknown): Promise<string> {
  const error = await readConfig(write(config)).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toMatchObject({ name: "Failure", message: expect.stringMatching(/server\.json[:\d]*: /) });
  return (error as Error).message.replace(/^\S+server\.json/, "");
}

const withUser = (user: object): object => ({ authorization: { users: [{ user: "ann", ...user }] } });

describe("readConfig", () => {
  it.each<[config: unknown, error: string]>([
    [{ prot: 1 }, ': unknown key prot; did you mean "port"?'],
    [{ jetsteam: {} }, ': unknown key jetsteam; did you mean "jetstream"?'],
    [{ constructor: 1 }, ": unknown key constructor; the keys are listen, host, port, client_advertise,"],
    [withUser({ pasword: "s3cret" }), ': unknown key authorization.users[0].pasword; did you mean "password"?'],
    [{ tls: { cert: "x" } }, ': unknown key tls.cert; did you mean "certs"?'],
    [
      withUser({ permissions: { publsh: "a" } }),
      ': unknown key authorization.users[0].permissions.publsh; did you mean "publish"?',
    ],
    [withUser({ allow_responses: true }), ": authorization.users[0].allow_responses belongs in permissions"],
    [withUser({ publish: "a" }), ": authorization.users[0].publish belongs in permissions"],
    [
      withUser({ permissions: { deny: "a" } }),
      ": authorization.users[0].permissions.deny belongs in publish or subscribe",
    ],
    [
      withUser({ permissions: { publish: { allow: "a", allow_responses: true } } }),
      ": authorization.users[0].permissions.publish.allow_responses belongs in permissions, next to publish",
    ],
    [
      { authorization: { allow_responses: true } },
      ": authorization.allow_responses belongs in default_permissions, or in permissions of a user",
    ],
    [{ users: [] }, ": users belongs in authorization"],
    [{ allow_responses: true }, ": allow_responses belongs in permissions of a user, in authorization"],
    [{ cert_file }, ": cert_file belongs in tls"],
    [{ allowed_origins: [] }, ": allowed_origins belongs in websocket"],
    ...["a b", "", ":4222", "a:0", "a:65536", "a:4222x", "a/b", "::1", "nats://a:4222"].map(
      (address): [unknown, string] => [
        { client_advertise: address },
        `: client_advertise must be host or host:port, with a port from 1 to 65535, not ${JSON.stringify(address)}`,
      ],
    ),
    [{ client_advertise: 4222 }, ": client_advertise must be host or host:port, with a port from 1 to 65535, not 4222"],
    [
      { client_advertise: "ann:s3cret@a" },
      ': client_advertise must be host or host:port, with a port from 1 to 65535, not "***@a"',
    ],
    [
      withUser({ password: "$2a$11$s3cret" }),
      ': authorization.users[0]: the password of "ann" starts like a bcrypt hash, and is not one: a hash has 60',
    ],
    [
      { authorization: { token: "$2a$11$s3cret" } },
      ': authorization.token: the password of "token" starts like a bcrypt hash, and is not one: a',
    ],
    [{ jetstream: { domain: "hub" } }, ": jetstream.domain is not supported: run a nats-server for it"],
    [{ jetstream: { max_mem: 1 } }, ": jetstream.max_mem is not supported: remove it"],
    [{ jetstream: "yes" }, ': jetstream must be true, false, "enabled", "disabled" or an object, not "yes"'],
    [{ store_dir: "x" }, ": store_dir belongs in jetstream"],
    [{ https_port: 8222 }, ": https_port is not supported: use http_port: monitoring has no TLS and no other path"],
    [{ accounts: { A: { exports: [] } } }, ": accounts.A.exports is not supported: run a nats-server for it"],
    [
      { websocket: { same_origin: true } },
      ": websocket.same_origin is not supported: list your own origin in allowed_origins",
    ],
    [{ net: "a", Host: "b" }, ": Host is the same as net; remove one of them"],
    [{ port: "4222" }, ': port must be a port from 1 to 65535, or -1 for a free one, not "4222"'],
    [{ port: 0 }, ": port must be a port from 1 to 65535, or -1 for a free one, not 0"],
    [{ listen: "4222" }, ': listen must be a port or host:port, not "4222"'],
    [{ host: null }, ": host must be a string, not null"],
    [{ debug: "true" }, ': debug must be true or false, not "true"'],
    [{ server_name: 5 }, ": server_name must be a string, not 5"],
    [{ server_name: ["a"] }, ": server_name must be a string, not an array"],
    [{ max_payload: "1MB" }, ': max_payload must be a whole number of bytes above 0, not "1MB"'],
    [{ host: { a: 1 } }, ": host must be a string, not an object"],
    [
      { ping_interval: "x".repeat(99) },
      `: ping_interval must be a time above 0 with its unit, such as "2s", not "${"x".repeat(63)}…`,
    ],
    [withUser({ password: 1234 }), ": authorization.users[0].password must be a string, not a number"],
    [{ authorization: { token: 1234 } }, ": authorization.token must be a string, not a number"],
    [{ authorization: { users: "ann:s3cret" } }, ": authorization.users must be an array, not a string"],
    [{ authorization: "s3cret" }, ": authorization must be an object, not a string"],
    [{ max_connections: -1 }, ": max_connections must be a whole number above 0, not -1"],
    [{ max_subscriptions: 1.5 }, ": max_subscriptions must be a whole number above 0, not 1.5"],
    [{ ping_interval: 5 }, ': ping_interval must be a time above 0 with its unit, such as "2s", not 5'],
    [{ ping_interval: "5 s" }, ': ping_interval must be a time above 0 with its unit, such as "2s", not "5 s"'],
    [{ authorization: { token: "s3cret", timeout: "x" } }, ": authorization.timeout must be a time above 0"],
    [{ authorization: { users: {} } }, ": authorization.users must be an array, not an object"],
    [{ accounts: ["A"] }, ": accounts must be an object, not an array"],
    [[], ": the configuration must be an object, not an array"],
    [{ listen: 4222, port: 4222 }, ": listen has a port; remove port"],
    [{ listen: "::1:4222", host: "::1" }, ": listen has a host; remove host"],
    [{ http: "::1:8222", http_port: 8222 }, ": http has a port; remove http_port"],
    [{ server_name: "a b" }, ": server_name must not contain a space"],
    [{ max_payload: 2000, max_pending: 1000 }, ": max_payload must not be higher than max_pending"],
    [{ lame_duck_duration: "29s" }, ": lame_duck_duration must be 30 seconds or more"],
    [{ lame_duck_grace_period: "2m" }, ": lame_duck_grace_period must be shorter than lame_duck_duration"],
    [{ tls: { cert_file } }, ": tls needs cert_file and key_file"],
    [{ websocket: { no_tls: true } }, ": websocket needs port or listen"],
    [{ websocket: { port: 80 } }, ": websocket needs either tls or no_tls: true"],
    [{ websocket: { port: 80, no_tls: true, tls: { cert_file, key_file } } }, ": websocket needs either tls or no_tls"],
    [{ websocket: { port: 80, listen: 80, no_tls: true } }, ": websocket.listen has the address; remove"],
    [{ websocket: { port: 80, tls: { key_file } } }, ": websocket.tls needs cert_file and key_file"],
    [{ authorization: {} }, ": authorization accepts nobody: it needs user and password, token, or users"],
    [{ authorization: { token: "s3cret", user: "a" } }, ": user, token and users exclude each other in authorization"],
    [{ authorization: { token: "s3cret" }, accounts: {} }, ": user, token and users exclude each other"],
    [{ authorization: { token: "s3cret", permissions: {} } }, ": authorization.default_permissions is about users"],
    [{ accounts: { $SYS: {} } }, ": accounts must not have $G or $SYS"],
    [{ operator: "eyJ.a.b" }, ': operator, resolver: "MEMORY" and resolver_preload are needed together'],
    [{ operator: "a", resolver: "URL(x)", resolver_preload: {} }, ": operator, resolver: "],
    [{ operator: "a", resolver: "mem", resolver_preload: {}, accounts: {} }, ": with an operator there are no users"],
    [{ operator: "eyJ.a.b", resolver: "mem", resolver_preload: {} }, ": operator must be a JWT or a file with one"],
    [{ operator: "eyJ.eyJ.x", resolver: "mem", resolver_preload: {} }, ": operator must be a JWT or a file with one"],
    [
      { operator: "eyJa.b.c", resolver: "mem", resolver_preload: {} },
      ": operator or resolver_preload: operators[0] must",
    ],
    [{ authorization: { users: [{}] } }, ": authorization.users[0] needs either user or nkey"],
    [withUser({ nkey: "U" }), ": authorization.users[0] needs either user or nkey"],
    [
      { authorization: { users: [{ nkey: "U", pass: "s3cret" }] } },
      ": authorization.users[0] has an nkey; remove its password",
    ],
    [{ authorization: { users: [{ nkey: "U" }] } }, ": authorization.users[0]: invalid nkey"],
    [
      { ...withUser({}), accounts: { A: { users: [{ user: "ann" }] } } },
      ': accounts.A.users[0] is the second user "ann"',
    ],
    [{ no_auth_user: "bob", ...withUser({}) }, ': no_auth_user must be the name of a user, not "bob"'],
    [
      withUser({ permissions: { publish: ["a", "b c"] } }),
      ': authorization.users[0]: permissions.publish.allow[1] must be a valid subject or pattern, not "b c"',
    ],
    [
      withUser({ permissions: { subscribe: { allow: [] } } }),
      ": authorization.users[0].permissions.subscribe.allow is empty, which allows every subject in a nats-server;",
    ],
    ["# port\n{}", ":1: not valid JSON: Unexpected token '#'; if this is nats-server's own format, write JSON: keys "],
    ["port: 4222", ":1: not valid JSON: Unexpected token 'p'; if this is nats-server's own format, write JSON: "],
    [
      "{\n// port\n}",
      ":2: not valid JSON: Expected property name or '}' in JSON at position 2; if this is nats-server's",
    ],
    [
      '{\n"a": 1,\nport = 4222 }',
      ":3: not valid JSON: Expected double-quoted property name in JSON at position 10; if this",
    ],
    ['{"port": 1,\n"port": 2}', ":2: port is given twice; remove one of them"],
    [
      '{"authorization": {"users": [{"user": "a"}, {"user": "b", "password": "s3cret",\n\n"us\\u0065r": "c"}]}}',
      ":3: authorization.users[1].user is given twice; remove one of them",
    ],
    [
      '{"accounts": {"A": {}, "a": {"users": [], "users": []}}}',
      ":1: accounts.a.users is given twice; remove one of them",
    ],
    ['{\n  "port": 4222\n  "host": "s3cret" }', ":3: not valid JSON: Expected ',' or '}' after property value in JSON"],
    ['{\n\n"password": s3cret\n}', ":3: not valid JSON: Unexpected token 's'"],
    ['{\n"port": 4222,\n', ":3: not valid JSON: "],
  ])("names the key and what to do: %j", async (config, error) => {
    const message = await errorOf(config);
    expect(message.slice(0, error.length)).toBe(error);
    expect(message).not.toContain("s3cret");
  });

  it("accepts a byte order mark, and texts that look like a key given twice", async () => {
    const config = `\uFEFF{ "server_name": "\\",\\"port\\":", "port": 1, "accounts": { "A": {}, "B": {}, "port": {} } }`;
    expect(await readConfig(write(config))).toMatchObject({ server_name: '","port":', port: 1 });
  });

  it.each([
    ["a.example", { host: "a.example" }],
    ["a:1", { host: "a", port: 1 }],
    ["[::1]:65535", { host: "::1", port: 65_535 }],
    ["[::1]", { host: "::1" }],
    ["a:-1", { host: "a", port: 0 }],
  ])("reads the address that INFO names: %s", async (client_advertise, expected) => {
    expect((await readConfig(write({ client_advertise }))).client_advertise).toEqual(expected);
  });

  it("maps each key to its option", async () => {
    const { options, ...rest } = await setupOf(
      await readConfig(
        write({
          listen: "[::1]:4333",
          server_name: "one",
          client_advertise: "example.org",
          max_payload: 1,
          max_pending: 2,
          max_connections: 3,
          max_subscriptions: 4,
          max_control_line: 5,
          ping_interval: "1h1m1.5s",
          ping_max: 6,
          authorization: { token: "t", timeout: 0.5 },
          tls: { cert_file, key_file, ca_file: cert_file, verify: true, timeout: "250ms", handshake_first: true },
          websocket: {
            host: "::1",
            port: 8080,
            tls: { cert_file, key_file, timeout: 1 },
            allowed_origins: "https://app.example",
            handshake_timeout: "1s",
          },
          http_port: -1,
          lame_duck_duration: "40s",
          lame_duck_grace_period: "15s",
        }),
      ),
    );
    const { cert, key } = certificates.server;
    expect(options).toEqual({
      serverName: "one",
      maxPayload: 1,
      maxPending: 2,
      maxConnections: 3,
      maxSubscriptions: 4,
      maxLine: 13,
      pingInterval: 3_661_500,
      pingMax: 6,
      authTimeout: 500,
      authorize: expect.any(Function),
    });
    expect(rest).toEqual({
      address: { host: "::1", port: 4333 },
      advertised: { host: "example.org", port: 4333 },
      tls: { cert, key, ca: cert, requestCert: true, handshakeTimeout: 250, when: "first" },
      webSocket: {
        address: { host: "::1", port: 8080 },
        options: {
          tls: { cert, key, ca: undefined, requestCert: undefined, handshakeTimeout: 1000 },
          allowedOrigins: ["https://app.example"],
          handshakeTimeout: 1000,
        },
      },
      monitor: { host: "::1", port: 0 },
      lameDuck: { grace: 15_000, duration: 25_000 },
    });
  });
});

describe("natswire serve", () => {
  it("prefers its options to the file, and prints connections", async () => {
    write({
      port: 1,
      server_name: "one",
      authorization: { users: [{ user: "ann", password: "s3cret-word" }] },
      debug: true,
      trace: true,
    });
    const flags = ["-c", file, "-p", "0", "-n", "two", "--max-payload", "100", "--user", "bob", "--pass", "b:word"];
    const server = new CliProcess("serve", ...flags, "--ping-interval", "1m", "--websocket", "0");
    const port = await server.port();
    await server.waitFor(/^ws:/m);
    await expect(connect({ port, user: "ann", pass: "s3cret-word" })).rejects.toThrow(/Authorization Violation/i);
    const client = await connect({ port, user: "bob", pass: "b:word" });
    expect(client.info).toMatchObject({ server_name: "two", max_payload: 100, client_ip: "127.0.0.1" });
    await client.close();
    await server.waitFor(/^connection 2 from 127\.0\.0\.1 opened$/m);
    await server.waitFor(/^connection 2 closed: lost, /m);
    expect(await server.interrupt()).toBe(0);
    expect(server.errors).toMatch(/^connection 1 closed: auth, /m);
    expect(server.output).toMatch(/1 -> CONNECT .*"pass":"\*\*\*"/);
    expect(server.output + server.errors).not.toContain("word");
  });

  it.each([
    [{ websocket: { listen: "192.0.2.1:8080", no_tls: true } }, /^cannot listen on 192\.0\.2\.1:8080: /m],
    [{ http: "192.0.2.1:8222" }, /^cannot listen on 192\.0\.2\.1:8222: /m],
    [{ websocket: { port: -1, no_tls: true, allowed_origins: "app" } }, /^websocket: .*"app"/m],
  ])("exits with 1 if a listener cannot be opened: %j", async (config, error) => {
    // 192.0.2.1 is no address of this machine: it is for documentation only.
    write({ port: -1, ...config });
    const server = new CliProcess("serve", "--config", file);
    expect(await server.ended()).toBe(1);
    expect(server.errors).toMatch(error);
    expect(server.errors).not.toMatch(/ is listening/);
  });

  it("serves the monitoring endpoints", async () => {
    write({ port: -1, http: "127.0.0.1:1", max_payload: 100 });
    const server = new CliProcess("serve", "--config", file, "-m", "0");
    const [url] = await server.waitFor(/^http:\S+(?= is listening$)/m);
    const response = await fetch(`${url}/varz`);
    expect(await response.json()).toMatchObject({ max_payload: 100, connections: 0 });
    expect(await server.interrupt()).toBe(0);
  });

  it("asks clients to leave on SIGUSR2, and exits after the last", async () => {
    write({ port: -1, lame_duck_grace_period: "100ms", lame_duck_duration: "30s" });
    const server = new CliProcess("serve", "--config", file);
    const client = await connect({ port: await server.port(), reconnect: false });
    const leaving = new Promise<void>((resolve) => client.onStatus(({ type }) => void (type === "ldm" && resolve())));
    server.process.kill("SIGUSR2");
    await leaving;
    await client.close();
    expect(await server.ended()).toBe(0);
    expect(server.errors).toMatch(/^lame duck mode: 1 connection$/m);
  });

  it("names the file that is missing or invalid", async () => {
    expect(await runCli(["serve", "-c", "/nowhere"])).toMatchObject({
      code: 1,
      errors: "cannot read /nowhere: no such file (ENOENT)\n",
    });
    expect(await runCli(["serve", "-c", write({ prot: 1 })])).toMatchObject({
      code: 1,
      errors: `${file}: unknown key prot; did you mean "port"?\n`,
    });
  });
});

describe("docs/cli.md", () => {
  const page = readFileSync(fileURLToPath(new URL("../../../docs/cli.md", import.meta.url)), "utf8");
  const [, section = ""] = /^## serve\n([\s\S]*?)^## /m.exec(page) ?? [];
  /** The names in the first column of all tables. */
  const names = [...section.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell]) =>
    [...cell!.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => {
      const [first, ...more] = code!.split(" ");
      return [first!.replace(/^.*\./, ""), ...more.filter((word) => word.startsWith("-"))];
    }),
  );

  it("has every option of serve, and no other", () => {
    const options = addServeOptions(new Command()).options.flatMap(({ short, long }) => [short, long]);
    const documented = names.filter((name) => name.startsWith("-"));
    expect([...new Set(documented)].sort()).toEqual(options.filter((name) => name !== undefined).sort());
  });

  it("has every key of the configuration and every alias, and no other", () => {
    const source = readFileSync(fileURLToPath(new URL("../src/config/keys.ts", import.meta.url)), "utf8");
    const lines = source.split("\n").filter((line) => !/refuse\(|typeof/.test(line));
    const known = lines.flatMap((line) =>
      [...line.matchAll(/(\w+): key\(|"([a-z_]+)"/g)].map(([, name, alias]) => name ?? alias),
    );
    expect(known.length).toBeGreaterThan(50);
    const documented = names.filter((name) => !name.startsWith("-"));
    expect([...new Set(documented)].sort()).toEqual([...new Set(known)].sort());
  });
});
