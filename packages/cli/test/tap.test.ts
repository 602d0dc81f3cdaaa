// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectClient, serve } from "@natswire/node";
import { afterEach, describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { freePort } from "../../../tools/testkit/free-port.ts";
import { CliProcess, runCli } from "./cli-process.ts";

const info = 'INFO {"server_id":"x"}\r\n';
const sides = ["client", "server"] as const;
const taps: CliProcess[] = [];
afterEach(async () => {
  await Promise.all(taps.splice(0).map((tap) => tap.interrupt()));
});

async function tapTo(port: number, ...more: string[]): Promise<CliProcess> {
  const tap = new CliProcess("tap", "--listen", "0", "--upstream", `nats://127.0.0.1:${port}`, ...more);
  taps.push(tap);
  await tap.port();
  return tap;
}

/** Returns both ends of one connection through a tap, as plain sockets. */
async function ends(...more: string[]): Promise<{ tap: CliProcess; client: Socket; server: Socket }> {
  const listening = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(listening, "listening");
  const tap = await tapTo((listening.address() as AddressInfo).port, ...more);
  const accepted = once(listening, "connection");
  const client = connect({ port: await tap.port(), host: "127.0.0.1", allowHalfOpen: true });
  const [server] = (await accepted) as [Socket];
  listening.close();
  for (const socket of [client, server]) socket.on("error", () => {});
  return { tap, client, server };
}

/** Reads from a socket until it has this number of bytes. */
async function read(socket: Socket, bytes: number): Promise<string> {
  let text = "";
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += (chunk as Buffer).toString("latin1");
    if (text.length >= bytes) break;
  }
  return text;
}

describe("a connection through natswire tap", () => {
  it("is forwarded unchanged, in any spelling and any chunks", async () => {
    const { tap, client, server } = await ends();
    const sent = 'connect\t{"verbose" : false }\nsub  foo\tbar 01\r\npub a  003\r\n\0\xff\r\r\nping \r\n';
    for (const piece of sent.match(/[\s\S]{1,7}/g)!) {
      client.write(piece, "latin1");
      await sleep(1);
    }
    expect(await read(server, sent.length)).toBe(sent);
    server.write("msg  foo token  0\r\n\r\n");
    expect(await read(client, 21)).toBe("msg  foo token  0\r\n\r\n");
    await tap.waitFor(/<- msg {2}foo token {2}0\n/);
    expect(tap.output).toContain("-> sub  foo␉bar 01\n");
    client.destroy();
    server.destroy();
  });

  it("is forwarded after malformed bytes, which are reported once", async () => {
    const { tap, client, server } = await ends();
    client.write("PING\r\n");
    await read(server, 6);
    const broken = "SUB a b c \x1b[2J\r\nPING\r\n";
    client.write(broken);
    expect(await read(server, broken.length)).toBe(broken);
    client.write(broken);
    expect(await read(server, broken.length)).toBe(broken);
    server.write(info);
    expect(await read(client, info.length)).toBe(info);
    await tap.waitFor(/<- INFO/);
    client.end();
    server.end();
    await tap.waitFor(/closed/);
    expect(tap.output.match(/BAD_ARGUMENTS at byte 6: .*"SUB a b c \\x1b\[2J"/g)).toHaveLength(1);
    expect(await tap.interrupt()).toBe(1);
    expect(tap.errors).toContain(`-> 1 frame, ${6 + 2 * broken.length} bytes (PING 1); <- 1 frame`);
  });

  it.each(sides)("stays half-open after the %s ends its side", async (who) => {
    const { tap, [who]: one, [who === "client" ? "server" : "client"]: other } = await ends();
    const ended = once(other, "end");
    other.resume();
    one.end("PING\r\n");
    await ended;
    await sleep(20);
    other.end("PONG\r\n");
    expect(await read(one, 6)).toBe("PONG\r\n");
    await tap.waitFor(/closed/);
  });

  it.each(sides)("is reset after the %s resets it", async (who) => {
    const { [who]: one, [who === "client" ? "server" : "client"]: other } = await ends();
    const reset = once(other, "error").catch((error) => [error]);
    other.resume();
    one.resetAndDestroy();
    const [error] = await reset;
    expect(error).toMatchObject({ code: "ECONNRESET" });
  });

  it("applies backpressure if the client does not read", async () => {
    const { client, server } = await ends("--verb", "PING");
    client.pause();
    const chunk = Buffer.from(`MSG foo 1 ${1 << 20}\r\n${"x".repeat(1 << 20)}\r\n`);
    let sent = 0;
    for (let isTaken = true; isTaken && sent < 200; ) {
      sent++;
      if (!server.write(chunk)) {
        isTaken = await Promise.race([once(server, "drain").then(() => true), sleep(150).then(() => false)]);
      }
    }
    // Only what the buffers of the sockets hold.
    expect(sent).toBeLessThan(64);
    expect((await read(client, sent * chunk.length)).length).toBe(sent * chunk.length);
    client.destroy();
    server.destroy();
  });

  it("may switch to TLS, which is reported once", async () => {
    const { server: certificate, ca, remove } = makeCertificates();
    const tls = { cert: certificate.cert, key: certificate.key };
    const server = await serve({ tls });
    const tap = await tapTo(server.port);
    const client = await connectClient({ servers: `tls://127.0.0.1:${await tap.port()}`, tls: { ca: ca.cert } });
    await client.flush();
    await client.close();
    await tap.waitFor(/closed/);
    expect(tap.output.match(/TLS starts/g)).toHaveLength(1);
    expect(tap.output).not.toContain("CONNECT");
    await server.close();
    remove();
  });
});

describe("natswire tap", () => {
  it("reports an unreachable server and resets the client", async () => {
    const port = await freePort();
    const tap = await tapTo(port);
    const client = connect(await tap.port(), "127.0.0.1");
    const [error] = await once(client, "error").catch((error) => [error]);
    expect(error).toMatchObject({ code: "ECONNRESET" });
    await tap.waitFor(
      new RegExp(
        `unreachable: nats://127\\.0\\.0\\.1:${port}: connection refused \\(ECONNREFUSED\\): no server is listening`,
      ),
    );
    await tap.waitFor(/ -- \(closed\)$/m);
  });

  it("prints the selected frames as JSON", async () => {
    const server = await serve();
    const tap = await tapTo(server.port, "--json", "--verb", "pub,MSG", "--subject", "orders.>");
    const client = await connectClient({ servers: `127.0.0.1:${await tap.port()}` });
    client.subscribe("orders.*", { callback() {} });
    client.publish("invoices.new", "no");
    client.publish("orders.new", "yes");
    await client.drain();
    await tap.waitFor(/MSG/);
    await tap.interrupt();
    const frames = tap.output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(frames).toEqual([
      { at: expect.any(Number), connection: 1, from: "client", verb: "PUB", subject: "orders.new", payload: "yes" },
      {
        at: expect.any(Number),
        connection: 1,
        from: "server",
        verb: "MSG",
        subject: "orders.new",
        sid: "1",
        payload: "yes",
      },
    ]);
    await server.close();
  });

  it("exits quietly if the reader of stdout is gone", async () => {
    const server = await serve();
    const tap = await tapTo(server.port);
    taps.splice(0);
    await tap.waitFor(/ctrl\+c .*\n/);
    const { errors } = tap;
    tap.process.stdout!.destroy();
    const client = connect(await tap.port(), "127.0.0.1").on("error", () => {});
    expect(await tap.ended()).toBe(0);
    expect(tap.errors).toBe(errors);
    client.destroy();
    await server.close();
  });

  it("prints its statistics on ctrl+c if the reader is gone too", async () => {
    const server = await serve();
    const tap = await tapTo(server.port);
    const port = await tap.port();
    const clients = [1, 2, 3, 4].map(() => connect(port, "127.0.0.1").on("error", () => {}));
    await tap.waitFor(/(<- INFO[\s\S]*){4}/);
    tap.process.stdout!.destroy();
    expect(await tap.interrupt()).toBe(0);
    expect(tap.errors).toMatch(/^4 connections: .*INFO 4/m);
    for (const client of clients) client.destroy();
    await server.close();
  });

  it("keeps forwarding if stdout cannot be written, reported once", async () => {
    const server = await serve();
    const tap = await tapTo(server.port, ">/dev/full");
    taps.splice(0);
    const client = await connectClient({ servers: `127.0.0.1:${await tap.port()}` });
    await client.flush();
    await client.close();
    expect(await tap.interrupt()).toBe(1);
    expect(tap.errors.match(/^cannot write to stdout: no space left on device \(ENOSPC\)$/gm)).toHaveLength(1);
    expect(tap.errors).toMatch(/^connection 1: .*PONG [12]/m);
    await server.close();
  });

  it("exits with 1 if the recording cannot be written", async () => {
    const server = await serve();
    const tap = await tapTo(server.port, "--record", "/dev/full");
    taps.splice(0);
    const client = await connectClient({ servers: `127.0.0.1:${await tap.port()}` });
    await client.close();
    expect(await tap.interrupt()).toBe(1);
    expect(tap.errors).toContain("recording to /dev/full stopped: no space left on device (ENOSPC)\n");
    await server.close();
  });

  it("keeps the last recording if it cannot listen", async () => {
    const server = await serve();
    const folder = mkdtempSync(join(tmpdir(), "natswire-tap-"));
    const file = join(folder, "old.jsonl");
    writeFileSync(file, "old\n");
    const [at, to] = [`127.0.0.1:${server.port}`, "nats://127.0.0.1:1"];
    const { code } = await runCli(["tap", "--listen", at, "--upstream", to, "--record", file]);
    expect([code, readFileSync(file, "utf8")]).toEqual([1, "old\n"]);
    rmSync(folder, { recursive: true });
    await server.close();
  });

  it("names the unix socket that it cannot listen on", async () => {
    const args = ["tap", "--listen", "unix:/nowhere/tap.sock", "--upstream", "nats://127.0.0.1:1"];
    const { code, errors } = await runCli(args);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: expect.stringMatching(/^cannot listen on unix:\/nowhere\/tap\.sock: /),
    });
  });

  it("skips frames if stdout is read too slowly, and exits on SIGHUP", async () => {
    const server = await serve();
    const tap = await tapTo(server.port, "--full", "--verb", "PUB");
    taps.splice(0);
    const client = await connectClient({ servers: `127.0.0.1:${await tap.port()}` });
    const publish = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        client.publish("orders.new", "x".repeat(1 << 20));
        await client.flush();
      }
    };
    tap.process.stdout!.pause();
    await publish(30);
    tap.process.stdout!.resume();
    while ((tap.output.match(/\n/g) ?? []).length < 16) await sleep(10);
    await publish(1);
    await tap.waitFor(/^\d+ frames not printed: stdout is read too slowly$/m);
    tap.process.stdout!.pause();
    await publish(3);
    tap.process.kill("SIGHUP");
    const [code] = await once(tap.process, "exit");
    expect(code).toBe(0);
    expect(tap.errors).toMatch(/^connection 1: .*PUB 34/m);
    await client.close();
    await server.close();
  });

  it("rejects its own address as --upstream", async () => {
    const port = String(await freePort());
    for (const upstream of [`localhost:${port}`, `127.0.0.1:${port}`, `nats://0.0.0.0:${port}`]) {
      expect(await runCli(["tap", "--listen", port, "--upstream", upstream])).toMatchObject({
        code: 2,
        errors: expect.stringContaining("--upstream is the address of the tap itself"),
      });
    }
    expect(await runCli(["tap", "--listen", "localhost"])).toMatchObject({
      code: 2,
      errors: expect.stringContaining("Write a port or host:port"),
    });
  });

  it("names the port in use", async () => {
    const server = await serve();
    expect(await runCli(["tap", "--listen", String(server.port)])).toMatchObject({
      code: 1,
      errors: expect.stringContaining(`cannot listen on 127.0.0.1:${server.port}: the port is in use`),
    });
    await server.close();
  });
});
