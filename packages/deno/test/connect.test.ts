// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Server, type ServerTls, serve } from "@natswire/node";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { endPrograms, Program } from "../../../tools/testkit/program.ts";

let server: Server | undefined;
let relay: NetServer | undefined;

const certificates = makeCertificates();
afterAll(() => certificates.remove());

afterEach(async () => {
  endPrograms();
  relay?.close();
  await server?.close();
  server = relay = undefined;
});

async function start(tls?: Partial<ServerTls>, host = "127.0.0.1"): Promise<string> {
  const { cert, key } = certificates.server;
  server = await serve({ host, ...(tls && { tls: { cert, key, ca: certificates.ca.cert, ...tls } }) });
  return server.url;
}

/** Each connection is given to this instead of a server. */
async function accept(where: string | number, then: (socket: Socket) => void): Promise<void> {
  relay = createServer(then);
  relay.listen(where);
  await once(relay, "listening");
}

/** What the program says of it, when it has ended. */
async function outcome(options: unknown, within?: number): Promise<unknown> {
  const program = Program.onSources("deno", new URL("programs/connect.ts", import.meta.url), { options, within });
  const said = await program.next();
  expect(await program.ended).toBe(0);
  return said;
}

describe("a client in Deno", () => {
  it("uses TLS first with certificate files, its own included", async () => {
    const servers = await start({ when: "first", requestCert: true });
    const { ca, client } = certificates;
    const files = { caFile: ca.certFile, certFile: client.certFile, keyFile: client.keyFile };
    expect(await outcome({ servers, tls: { ...files, handshakeFirst: true } })).toEqual({ isSame: true });
  });

  it("uses TLS first and after INFO with a caFile only", async () => {
    const tls = { caFile: certificates.ca.certFile };
    const first = await start({ when: "first" });
    expect(await outcome({ servers: first, tls: { ...tls, handshakeFirst: true } })).toEqual({ isSame: true });
    await server?.close();
    expect(await outcome({ servers: await start({}), tls })).toEqual({ isSame: true });
  });

  it("rejects a certificate for another name", async () => {
    const servers = await start({ when: "first" });
    const distrustful = await outcome({ servers, reconnect: false, tls: { handshakeFirst: true } });
    expect(distrustful).toMatchObject({ message: expect.stringContaining("UnknownIssuer") });
    await server?.close();
    // Of which the certificate says nothing.
    const elsewhere = { servers: await start({ when: "first" }, "127.0.0.2"), reconnect: false };
    const tls = { caFile: certificates.ca.certFile, handshakeFirst: true };
    const other = await outcome({ ...elsewhere, tls });
    expect(other).toMatchObject({ message: expect.stringContaining("not valid for name") });
  });

  it("reports that a client certificate needs handshakeFirst", async () => {
    const servers = await start({ requestCert: true });
    const { ca, client } = certificates;
    const answer = await outcome({ servers, tls: { ca: ca.cert, cert: client.cert, key: client.key } });
    expect(answer).toMatchObject({ message: expect.stringContaining("only with handshakeFirst") });
  });

  it("connects to a unix socket", async () => {
    await start();
    const path = join(tmpdir(), `natswire-${process.pid}.sock`);
    rmSync(path, { force: true });
    await accept(path, (socket) => {
      const behind = connect(server!.port, "127.0.0.1");
      socket.pipe(behind).pipe(socket);
      for (const one of [socket, behind]) one.on("error", () => {});
    });
    expect(await outcome({ servers: `unix:${path}` })).toEqual({ isSame: true });
  });

  it.each([
    ["from the first byte", "", true],
    ["behind INFO", 'INFO {"max_payload":1000,"tls_required":true}\r\n', false],
  ])("cancels a handshake %s that is not answered, and ends", async (_, words, handshakeFirst) => {
    let closed: Promise<unknown> | undefined;
    await accept(0, (socket) => {
      socket.on("error", () => {}).resume();
      closed = once(socket, "close");
      socket.write(words);
    });
    const servers = `nats://127.0.0.1:${(relay!.address() as AddressInfo).port}`;
    const answer = await outcome({ servers, tls: { handshakeFirst } }, 300);
    expect(answer).toMatchObject({ name: "TimeoutError" });
    await closed;
  });
});
