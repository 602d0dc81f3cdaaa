// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";
import { describe, expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { RawClient } from "../../../tools/testkit/raw-client.ts";
import { CliProcess, runCli } from "./cli-process.ts";

describe("natswire serve", () => {
  it("accepts the listed users, prints frames and hides credentials", async () => {
    const users = ["--user", "ann:s3cret-word", "--token", "t0ken-word"];
    const server = new CliProcess("serve", "--port", "0", "--websocket", "0", "--trace", ...users);
    const port = await server.port();
    await server.waitFor(/^ws:\/\/127\.0\.0\.1:\d+ is listening$/m);
    await expect(connect({ port, user: "ann", pass: "wrong-word" })).rejects.toThrow(/Authorization Violation/i);
    const ann = await connect({ port, user: "ann", pass: "s3cret-word" });
    const bob = await connect({ port, token: "t0ken-word" });
    ann.subscribe("orders.*");
    await ann.flush();
    bob.publish("orders.new", "apple");
    await bob.close();
    await server.waitFor(/<- MSG orders\.new 1 5 \| apple/);
    expect(await server.interrupt()).toBe(0);
    expect(server.output).toMatch(/-> CONNECT \{.*"user":"ann","pass":"\*\*\*"/);
    expect(server.output).toMatch(/-> PUB orders\.new 5 \| apple\n/);
    expect(server.errors).toMatch(/^closing 1 connection; 1 message published, 1 delivered$/m);
    expect(server.output).not.toMatch(/listening|closing/);
    expect(server.output + server.errors).not.toMatch(/s3cret-word|t0ken-word|wrong-word/);
    await ann.close();
  });

  it("prints frames inside TLS, and the client's address", async () => {
    const { server: certificate, ca, remove } = makeCertificates();
    const files = ["--cert", certificate.certFile, "--key", certificate.keyFile];
    const server = new CliProcess("serve", "--port", "0", "--trace", ...files);
    const [, port] = await server.waitFor(/^tls:\/\/127\.0\.0\.1:(\d+) is listening/m);
    const client = await connect({ servers: `tls://127.0.0.1:${port}`, tls: { ca: ca.cert } });
    client.publish("orders.new", "apple");
    await client.close();
    await server.waitFor(/-> PUB orders\.new 5 \| apple/);
    expect(server.output).toMatch(/ 1 -- \(opened by 127\.0\.0\.1:\d+\)$/m);
    expect(server.errors).not.toContain("telnet");
    expect(await server.interrupt()).toBe(0);
    const swapped = ["--cert", certificate.keyFile, "--key", certificate.certFile];
    expect(await runCli(["serve", "--port", "0", ...swapped])).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^\S+server\.key must be a certificate in PEM: /),
    });
    remove();
  });

  it("prints each TLS handshake that fails, with address and reason", async () => {
    const { server: certificate, remove } = makeCertificates();
    const files = ["--cert", certificate.certFile, "--key", certificate.keyFile];
    const server = new CliProcess("serve", "--port", "0", ...files);
    const [, port] = await server.waitFor(/^tls:\/\/127\.0\.0\.1:(\d+) is listening/m);
    const client = new RawClient(Number(port));
    client.send("PING\r\n");
    await server.waitFor(/^127\.0\.0\.1:\d+: TLS handshake failed: the client does not use TLS$/m);
    expect(await server.interrupt()).toBe(0);
    remove();
  });

  it("prints its version first, and that of the nats-server it is like", async () => {
    const server = new CliProcess("serve", "--port", "0", "--compat", "2.9");
    await server.port();
    await server.interrupt();
    const { output } = await runCli(["--version"]);
    expect(server.errors.split("\n")[0]).toBe(`natswire ${output.trim()}, an embedded server like nats-server 2.9`);
  });

  it("stores what is published to a stream (--jetstream)", async () => {
    const server = new CliProcess("serve", "--port", "0", "--jetstream");
    const client = await connect({ port: await server.port() });
    const stream = JSON.stringify({ name: "orders", subjects: ["orders.>"] });
    await client.request("$JS.API.STREAM.CREATE.orders", stream);
    expect((await client.request("orders.new", "apple")).json()).toEqual({ stream: "orders", seq: 1 });
    await client.close();
    await server.interrupt();
    expect(server.errors).toContain(
      "JetStream of nats-server 2.11; its streams are in memory, and end with this process\n",
    );
  });

  it("opens no debugger on SIGUSR1, and continues", async () => {
    const server = new CliProcess("serve", "--port", "0");
    const port = await server.port();
    server.process.kill("SIGUSR1");
    await server.waitFor(/^SIGUSR1 is ignored: there is no log file to open again$/m);
    const client = await connect({ port });
    await client.close();
    expect(await server.interrupt()).toBe(0);
    expect(server.errors).not.toContain("Debugger");
  });

  it("names the port in use and the missing file", async () => {
    const server = new CliProcess("serve", "--port", "0");
    const port = await server.port();
    expect(await runCli(["serve", "--port", String(port)])).toMatchObject({
      code: 1,
      errors: `cannot listen on 127.0.0.1:${port}: the port is in use (EADDRINUSE): choose another one, or 0 for a free port\n`,
    });
    await server.interrupt();
    expect(await runCli(["serve", "--cert", "/nowhere", "--key", "/nowhere"])).toMatchObject({
      code: 1,
      errors: expect.stringContaining("cannot read /nowhere"),
    });
  });
});
