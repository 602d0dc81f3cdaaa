// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { copyFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Server, serve } from "@natswire/node";
import { afterAll, afterEach, describe, expect, it, onTestFinished } from "vitest";
import { type Certificate, makeCertificates } from "../../testkit/certificates.ts";
import { closing } from "../../testkit/closing.ts";
import { endPrograms, Program } from "../../testkit/program.ts";

const PROGRAM = fileURLToPath(new URL("../dist/dial.js", import.meta.url));
const FULL = "-ERR 'maximum connections exceeded'\r\n";

const [certificates, others] = [makeCertificates(), makeCertificates()];
afterAll(() => {
  certificates.remove();
  others.remove();
});

afterEach(endPrograms);

/** Starts a server, with TLS if a certificate is given. */
async function started(certificate?: Certificate, port = 0): Promise<Server> {
  const tls = certificate && { cert: certificate.cert, key: certificate.key };
  return closing(await serve({ port, ...(tls && { tls }) }));
}

describe.each([
  ["node", "@natswire/node"],
  ["bun", "@natswire/bun"],
  ["deno", "@natswire/deno"],
] as const)("a client in %s", (name, adapter) => {
  /** Starts a client of these servers. Each host name has these addresses. */
  const client = (servers: string, tls?: object, addresses: readonly string[] = ["127.0.0.1"]): Program =>
    new Program(name, [
      PROGRAM,
      JSON.stringify({ adapter, addresses, options: { servers, tls, noRandomize: true, timeout: 10_000 } }),
    ]);
  const caFile = (): string => certificates.ca.certFile;

  it("resolves names like its system", async () => {
    const addresses = await new Program(name, [PROGRAM, JSON.stringify({ adapter })]).next();
    expect(["127.0.0.1", "::1"]).toContain((addresses as string[])[0]);
  });

  it("tries the next address of a name if a server is full or gone", async () => {
    const { port } = await started();
    const full = createServer((socket) => socket.on("error", () => {}).end(FULL)).listen(port, "127.0.0.2");
    onTestFinished(() => void full.close());
    await once(full, "listening");
    const program = client(`nats://cluster.test:${port}`, undefined, ["127.0.0.3", "127.0.0.2", "127.0.0.1"]);
    expect(await program.next()).toBe("connect");
  });

  it("verifies the name of a host, whatever its address", async () => {
    const { port } = await started(certificates.for("a.test"));
    expect(await client(`tls://a.test:${port}`, { caFile: caFile() }).next()).toBe("connect");
    expect(await client(`tls://b.test:${port}`, { caFile: caFile() }).next()).toMatch(/TLS: b\.test/);
  });

  it("reads caFile for each connection; a missing one costs the attempt", async () => {
    const file = join(dirname(caFile()), `${name}.pem`);
    copyFileSync(caFile(), file);
    const server = await started(certificates.server);
    const program = client(server.url.replace("nats:", "tls:"), { caFile: file });
    expect(await program.next()).toBe("connect");
    rmSync(file);
    await server.close();
    await started(others.server, server.port);
    for (let failures = 0; failures < 3; ) if ((await program.next()) === "reconnecting") failures++;
    copyFileSync(others.ca.certFile, file);
    for (let last: unknown; last !== "reconnect"; ) last = await program.next();
  });

  it("moves to a server with a certificate of its own name", async () => {
    const [a, b] = [await started(certificates.for("a.test")), await started(certificates.for("b.test"))];
    const program = client(`tls://a.test:${a.port}`, { caFile: caFile() });
    expect(await program.next()).toBe("connect");
    a.advertise([`b.test:${b.port}`]);
    expect(await program.next()).toBe("update");
    await a.close();
    for (let last: unknown; last !== "reconnect"; ) last = await program.next();
    expect(b.connections.length).toBe(1);
  });
});
