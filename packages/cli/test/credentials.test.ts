// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { type RealServer, startNatsServer, tlsConfig } from "../../../tools/testkit/nats-server.ts";
import { makeOperator } from "../../../tools/testkit/operator.ts";
import { runCli } from "./cli-process.ts";

const PASSWORD = "s3cret-word";
const TOKEN = "t0ken-word";
const NKEY = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
// A key that is public, for tests only.
const SEED = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";

const operator = makeOperator();
const certificates = makeCertificates();
const folder = mkdtempSync(join(tmpdir(), "natswire-credentials-"));
const file = (name: string): string => join(folder, name);
const { ca, client, server } = certificates;

// Each kind of credentials has a server that accepts nothing else.
const tls = tlsConfig(server, `ca_file: "${ca.certFile}"`, "verify: true");
const configs = {
  user: `authorization { user: ann, password: "${PASSWORD}" }`,
  token: `authorization { token: "${TOKEN}" }`,
  nkey: `authorization { users: [{ nkey: ${NKEY} }] }`,
  creds: operator.config,
  tls: `${tls}\nwebsocket { host: 127.0.0.1, port: -1, ${tls} }`,
} as const;
type Kind = keyof typeof configs;
const servers = new Map<Kind, RealServer>();

beforeAll(async () => {
  writeFileSync(file("ann.nk"), `${SEED}\n`);
  writeFileSync(file("ann.creds"), credentials(operator.user(NKEY)));
  writeFileSync(file("expired.creds"), credentials(operator.user(NKEY, { exp: 1 })));
  writeFileSync(file("broken.creds"), `-----BEGIN NATS USER JWT-----\n${TOKEN}\n`);
  const kinds = Object.keys(configs) as Kind[];
  await Promise.all(kinds.map(async (kind) => servers.set(kind, await startNatsServer(configs[kind]))));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop()));
  certificates.remove();
  rmSync(folder, { recursive: true });
});

function credentials(jwt: string): string {
  const block = (name: string, content: string): string =>
    `-----BEGIN ${name}-----\n${content}\n------END ${name}------\n`;
  return block("NATS USER JWT", jwt) + block("USER NKEY SEED", SEED);
}

/** Runs a command with the server of a kind of credentials. It may never print a secret. */
async function runWith(
  kind: Kind,
  ...args: string[]
): Promise<{ code: number | null; output: string; errors: string }> {
  const { port = 0, webSocketPort = 0 } = servers.get(kind) ?? {};
  const filled = args.map((arg) => arg.replace("PORT", String(arg.startsWith("ws") ? webSocketPort : port)));
  const url = filled.includes("--server") ? [] : ["--server", `127.0.0.1:${port}`];
  const result = await runCli(["pub", "a", "b", ...url, ...filled]);
  expect(result.output + result.errors).not.toMatch(new RegExp(`${PASSWORD}|${TOKEN}|${SEED}|eyJ0`));
  return result;
}

const clientFiles = ["--tlsca", ca.certFile, "--tlscert", client.certFile, "--tlskey", client.keyFile];

describe("credentials of the command", () => {
  it.each<[string, Kind, readonly string[]]>([
    ["--user and --password", "user", ["--user", "ann", "--password", PASSWORD]],
    ["a URL", "user", ["--server", `nats://ann:${PASSWORD}@127.0.0.1:PORT`]],
    ["a list of servers", "user", ["--server", `127.0.0.1:1,nats://ann:${PASSWORD}@127.0.0.1:PORT`]],
    ["--token", "token", ["--token", TOKEN]],
    ["--user without a password", "token", ["--user", TOKEN]],
    ["--nkey", "nkey", ["--nkey", file("ann.nk")]],
    ["--creds", "creds", ["--creds", file("ann.creds")]],
    ["a client certificate", "tls", clientFiles],
    ["a client certificate over WebSocket", "tls", ["--server", "wss://127.0.0.1:PORT", ...clientFiles]],
  ])("are accepted from %s", async (_, kind, args) => {
    expect(await runWith(kind, ...args)).toEqual({ code: 0, output: "", errors: "published 1 message to a, 1 byte\n" });
  });

  it("are accepted from the environment, unless others are typed", async () => {
    vi.stubEnv("NATS_USER", "ann");
    vi.stubEnv("NATS_PASSWORD", PASSWORD);
    expect(await runWith("user")).toMatchObject({ code: 0 });
    expect(await runWith("token", "--token", TOKEN)).toMatchObject({ code: 0 });
    vi.stubEnv("NATS_TOKEN", TOKEN);
    expect((await runWith("user")).errors).toMatch(/^error: --user and --token exclude each other\n/);
  });

  it.each<[string, Kind, readonly string[], RegExp]>([
    [
      "the password is wrong",
      "user",
      ["--user", "ann", "--password", "guess"],
      /^AUTH: \S+ Authorization Violation\n$/,
    ],
    ["credentials are missing", "token", [], /^AUTH: \S+ Authorization Violation\n$/],
    ["the JWT has expired", "creds", ["--creds", file("expired.creds")], /^AUTH: /],
    [
      "the file has no seed",
      "creds",
      ["--creds", file("broken.creds")],
      /broken\.creds: creds must contain a JWT and a seed/,
    ],
    ["the file has no nkey", "nkey", ["--nkey", file("ann.creds")], /ann\.creds: invalid nkey/],
    ["the file is missing", "nkey", ["--nkey", file("none")], /^cannot read \S+none: no such file \(ENOENT\)\n$/],
    ["the certificate is not trusted", "tls", ["--tlscert", client.certFile, "--tlskey", client.keyFile], /^TLS: /],
    ["the server wants a client certificate", "tls", ["--tlsca", ca.certFile], /^(TLS|REFUSED|LOST): /],
    ["the server does not start TLS first", "tls", ["--tlsfirst", ...clientFiles], /^(TLS|REFUSED|LOST|TIMEOUT): /],
  ])("are refused with exit code 1 if %s", async (_, kind, args, message) => {
    const { code, errors } = await runWith(kind, "--timeout", "2s", ...args);
    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(message) });
  });

  it("are refused with exit code 2 if they do not fit together", async () => {
    const wrong = [
      [["--password", PASSWORD], "error: --password needs --user"],
      [["--creds", "a", "--nkey", "b"], "error: --creds and --nkey exclude each other"],
      [["--tlscert", "a"], "error: --tlscert and --tlskey are needed together"],
    ] as const;
    const results = await Promise.all(wrong.map(([args]) => runWith("user", ...args)));
    expect(results.map(({ code, errors }) => [code, errors.split("\n")[0]])).toEqual(
      wrong.map(([, text]) => [2, text]),
    );
  });
});
