// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Authorizer, connect, serve } from "@natswire/node";
import { afterAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { startNatsServer, tlsConfig } from "../../testkit/nats-server.ts";

const folder = join(import.meta.dirname, "../client");
const certificates = makeCertificates();
const secrets = mkdtempSync(join(tmpdir(), "natswire-secrets-"));
const embedded = await serve();
const real = await startNatsServer("");
afterAll(async () => {
  await embedded.close();
  await real.stop();
  certificates.remove();
  rmSync(secrets, { recursive: true });
});

/** Runs an example on the built packages; returns its output and exit code. */
function run(file: string, args: readonly string[], began: (child: ChildProcess) => void = () => {}) {
  return new Promise<{ printed: string; stderr: string; status: unknown }>((resolve) => {
    const options = { cwd: folder, env: { ...process.env, NODE_OPTIONS: "", FORCE_COLOR: "0" } };
    const child = execFile(process.execPath, [file, ...args], options, (error, printed, stderr) => {
      resolve({ printed, stderr, status: error === null ? 0 : error.code });
    });
    began(child);
  });
}

const printed: Readonly<Record<string, string>> = {
  "publish-subscribe.mjs": `callback: prices.apple 12
callback: prices.pear 15
callback: prices.apple {"price":13}
loop: 12 no currency
loop: { price: 13 } EUR
`,
  "hello.mjs": "hello, ann\n",
  "service.mjs": "2 4 6\nNO_RESPONDERS\n",
  "gather.mjs": `for 500 ms: [ 'ann', 'bob', 'eve' ]
the first two: 2
until a pause of 250 ms: [ 'ann', 'bob', 'eve' ]
until an empty reply: [ '', 'first', 'second' ]
`,
  "slow.mjs": `drop-newest: 1 dropped so far
drop-newest: 2 dropped so far
drop-newest: 1 2; 3 dropped, undefined
drop-oldest: 1 dropped so far
drop-oldest: 2 dropped so far
drop-oldest: 4 5; 3 dropped, undefined
pause: 1 2 3 4 5; 0 dropped, undefined
close: 1 2; 0 dropped, ConnectionError: SLOW: the subscription to "ticks" did not keep up
`,
  "reconnect.mjs": `received before
disconnected: LOST: 127.0.0.1:PORT: reconnect requested
next attempt in 0 ms
reconnected to 127.0.0.1:PORT
received meanwhile
{ published: 2, confirmed: 1, unknown: 1, dropped: 0 }
`,
  "publish-fast.mjs": "1000 confirmed, with waits\n",
  "cancel.mjs": "request: changed my mind\nsubscription: ended\nrequest: TIMEOUT\n",
};

const own = ["credentials.mjs", "debug.mjs", "drain.mjs"];

it("runs every example, each of at most 40 lines", () => {
  const files = readdirSync(folder);
  expect(files.sort()).toEqual([...Object.keys(printed), ...own].sort());
  for (const file of files) {
    expect(readFileSync(join(folder, file), "utf8").trimEnd().split("\n").length, file).toBeLessThanOrEqual(40);
  }
});

it("closes a client at the end of its block (await using)", async () => {
  const servers = embedded.url;
  let closed: Promise<unknown>;
  {
    await using client = await connect({ servers });
    client.publish("prices.apple", "12");
    await client.flush();
    closed = client.closed;
  }
  expect(await closed).toBeUndefined();
});

describe.concurrent.each([
  ["the embedded server", embedded.port],
  ["a real nats-server", real.port],
] as const)("at %s", (_, port) => {
  it.each(Object.entries(printed))("prints the expected output of %s", async (file, wanted) => {
    const { printed, stderr, status } = await run(file, [`nats://127.0.0.1:${port}`]);
    expect({ printed: printed.replaceAll(String(port), "PORT"), stderr, status }).toEqual({
      printed: wanted,
      stderr: "",
      status: 0,
    });
  });

  it("prints the frames of debug.mjs, without the password", async () => {
    const { printed } = await run("debug.mjs", [`nats://127.0.0.1:${port}`]);
    expect(printed).toMatch(/^client 1 -> CONNECT \{"verbose":false,.*"user":"ann","pass":"\*\*\*"\}$/m);
    expect(printed).toContain("client 1 -> PUB foo 5␍␊hello\n");
    expect(printed).toContain("server 1 <- MSG foo 1 5␍␊hello\n");
    expect(printed).not.toContain("s3cret");
  });

  it("answers every message before SIGINT in drain.mjs", async () => {
    const client = await connect({ port });
    const answers = client.subscribe("answers", { max: 20 });
    const ended = await run("drain.mjs", [`nats://127.0.0.1:${port}`], (child) => {
      child.stdout?.once("data", async () => {
        for (let i = 0; i < 20; i++) client.publish("work", String(i), { reply: "answers" });
        await client.flush();
        child.kill("SIGINT");
      });
    });
    expect(ended).toEqual({ printed: "ready\ndraining\nclosed\n", stderr: "", status: 0 });
    const seen: string[] = [];
    for await (const answer of answers) seen.push(answer.text());
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => `${i} is done`));
    await client.close();
  });
});

describe.concurrent("credentials.mjs", () => {
  const { cert, key } = certificates.server;
  const { certFile: ca } = certificates.ca;

  it.each([
    ["authenticates with an nkey", "seed", [ca], "authenticated over TLS\n"],
    ["prints AUTH if the server rejects the credentials", "creds", [ca], "AUTH\n"],
    ["prints TLS if the server's certificate is not trusted", "seed", [], "TLS\n"],
  ] as const)("%s", async (_, secret, authority, wanted) => {
    const { port, stop } = await startNatsServer(
      `authorization { users: [ { nkey: ${nkey} } ] }\n${tlsConfig(certificates.server)}`,
    );
    const { printed, stderr } = await run("credentials.mjs", [`127.0.0.1:${port}`, written(secret), ...authority]);
    expect({ printed, stderr }).toEqual({ printed: wanted, stderr: "" });
    await stop();
  });

  it("authenticates with a .creds file", async () => {
    const authorize: Authorizer = ({ jwt, sig }) => (jwt === "eyJ0eXAi.eyJqdGki.c2ln" && sig ? {} : undefined);
    const server = await serve({ tls: { cert, key }, authorize });
    const { printed, status } = await run("credentials.mjs", [server.url, written("creds"), ca]);
    expect({ printed, status }).toEqual({ printed: "authenticated over TLS\n", status: 0 });
    await server.close();
  });
});

const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
// A key that is public, for tests only.
const seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
const creds = `-----BEGIN NATS USER JWT-----
eyJ0eXAi.eyJqdGki.c2ln
------END NATS USER JWT------
-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;

/** Writes a secret to a file; returns its path. */
function written(secret: "seed" | "creds"): string {
  const file = join(secrets, secret);
  writeFileSync(file, secret === "seed" ? seed : creds);
  return file;
}
