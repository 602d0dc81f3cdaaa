// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, serve } from "@natswire/node";
import { afterAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { startNatsServer } from "../../testkit/nats-server.ts";
import { makeOperator } from "../../testkit/operator.ts";
import { readGuide, unquoted } from "./guide.ts";
import { run } from "./run.ts";

const programs = join(import.meta.dirname, "../authentication");
const guide = readGuide("authentication.md");

// The files that the programs read.
const folder = mkdtempSync(join(tmpdir(), "natswire-authentication-"));
const certificates = makeCertificates();
const operator = makeOperator();
const nkey = "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";
// A key that is public, for tests only.
const seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
const creds = `-----BEGIN NATS USER JWT-----
${operator.user(nkey)}
------END NATS USER JWT------

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------
`;
for (const [file, content] of [
  ["ann.nk", `${seed}\n`],
  ["ann.creds", creds],
  ["token.txt", "t0ken\n"],
] as const) {
  writeFileSync(join(folder, file), content);
}
for (const [name, { certFile, keyFile }] of [
  ["ca", certificates.ca],
  ["server", certificates.server],
  ["client", certificates.client],
] as const) {
  copyFileSync(certFile, join(folder, `${name}.pem`));
  copyFileSync(keyFile, join(folder, `${name}.key`));
}
afterAll(() => {
  certificates.remove();
  rmSync(folder, { recursive: true });
});

const password = "authorization { user: ann, password: s3cret }";
/** The configurations that the guide describes in words. */
const described: Readonly<Record<string, string>> = {
  "creds.mjs": operator.config,
  "plaintext.mjs": password,
  "renew.mjs": 'authorization { token: "t0ken" }',
};

/** Returns what the program of a file prints, and the configuration before it, as the guide has them. */
function quoted(file: string): { config: string; output: string } {
  const source = readFileSync(join(programs, file), "utf8");
  const { config, output } = guide.programs.find(({ code }) => source.endsWith(`\n${code}`)) ?? {};
  const text = config ?? described[file];
  if (text === undefined || output === undefined) throw new Error(`docs/authentication.md does not quote ${file}`);
  return { config: text.replaceAll(/"(\w+\.(?:pem|key))"/g, `"${folder}/$1"`), output };
}

describe("docs/authentication.md", () => {
  const files = readdirSync(programs);

  it("quotes only code that the tests run", () => {
    expect(
      unquoted(
        guide,
        files.map((file) => join(programs, file)),
      ),
    ).toEqual([]);
  });

  it.concurrent.each(files)("prints its output on a nats-server with its configuration: %s", async (file) => {
    const { config, output } = quoted(file);
    // An address of this machine that the client does not recognize as local.
    const host = file === "plaintext.mjs" ? "0.0.0.0" : "127.0.0.1";
    const { port, stop } = await startNatsServer(config);
    const { printed, stderr } = await run(join(programs, file), [`nats://${host}:${port}`], folder);
    await stop();
    const shown = printed.replaceAll(`${host}:${port}`, file === "plaintext.mjs" ? "10.0.0.7:4222" : "127.0.0.1:4222");
    expect({ printed: shown, stderr }).toEqual({ printed: output, stderr: "" });
  });

  it("names the error of a missing client certificate", async () => {
    const { config } = quoted("certificate.mjs");
    const { port, stop } = await startNatsServer(config);
    const { stderr } = await run(join(programs, "tls.mjs"), [`nats://127.0.0.1:${port}`], folder);
    await stop();
    expect(stderr).toMatch(/ConnectionError: LOST: .*alert (bad certificate|certificate required)/);
  });

  it("names the error of an nkey at a server without keys", async () => {
    const { port, stop } = await startNatsServer("");
    const { stderr } = await run(join(programs, "nkey.mjs"), [`nats://127.0.0.1:${port}`], folder);
    await stop();
    expect(stderr).toMatch(/ConnectionError: LOST: .*no nonce to sign/);
  });

  it("starts TLS before INFO with handshakeFirst", async () => {
    const { cert, key } = certificates.server;
    const server = await serve({ tls: { cert, key, when: "first" } });
    const client = await connect({
      servers: server.url,
      handshakeFirst: true,
      tls: { caFile: certificates.ca.certFile },
    });
    await client.flush();
    await client.close();
    await server.close();
  });
});
