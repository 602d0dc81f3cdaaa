// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";
import { expect, it } from "vitest";
import { makeCertificates } from "../../../tools/testkit/certificates.ts";
import { Natswire, natswire } from "./natswire.ts";

it("serve lets in whom it is told to, prints frames without credentials, and says at the end what it did", async () => {
  const users = ["--user", "ann:s3cret-word", "--token", "t0ken-word"];
  const server = new Natswire("serve", "--port", "0", "--websocket", "0", "--trace", ...users);
  const port = await server.port();
  await server.see(/^ws:\/\/127\.0\.0\.1:\d+ is listening$/m);
  await expect(connect({ port, user: "ann", pass: "wrong-word" })).rejects.toThrow(/Authorization Violation/i);
  const ann = await connect({ port, user: "ann", pass: "s3cret-word" });
  const bob = await connect({ port, token: "t0ken-word" });
  ann.subscribe("orders.*");
  await ann.flush();
  bob.publish("orders.new", "apple");
  await bob.close();
  await server.see(/<- MSG orders\.new 1 5 \| apple/);
  expect(await server.interrupt()).toBe(0);
  expect(server.output).toMatch(/-> CONNECT \{.*"user":"ann","pass":"\*\*\*"/);
  expect(server.output).toMatch(/-> PUB orders\.new 5 \| apple\n/);
  expect(server.errors).toMatch(/^closing 1 connection; 1 message in, 1 out$/m);
  expect(server.output).not.toMatch(/listening|closing/);
  expect(server.output + server.errors).not.toMatch(/s3cret-word|t0ken-word|wrong-word/);
  await ann.close();
});

it("serve shows what is said within TLS", async () => {
  const { server: certificate, ca, remove } = makeCertificates();
  const files = ["--cert", certificate.certFile, "--key", certificate.keyFile];
  const server = new Natswire("serve", "--port", "0", "--trace", ...files);
  const [, port] = await server.see(/^tls:\/\/127\.0\.0\.1:(\d+) is listening/m);
  const client = await connect({ servers: `tls://127.0.0.1:${port}`, tls: { ca: ca.cert } });
  client.publish("orders.new", "apple");
  await client.close();
  await server.see(/-> PUB orders\.new 5 \| apple/);
  expect(server.errors).not.toContain("telnet");
  expect(await server.interrupt()).toBe(0);
  const swapped = ["--cert", certificate.keyFile, "--key", certificate.certFile];
  expect(await natswire(["serve", "--port", "0", ...swapped])).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^--cert \S+ and --key \S+ cannot be used: /),
  });
  remove();
});

it("serve names the port that is in use, and the file that is not there", async () => {
  const server = new Natswire("serve", "--port", "0");
  const port = await server.port();
  expect(await natswire(["serve", "--port", String(port)])).toMatchObject({
    code: 1,
    errors: `cannot listen on 127.0.0.1:${port}: the port is in use (EADDRINUSE): stop who uses it, or name another, 0 for a free one\n`,
  });
  await server.interrupt();
  expect(await natswire(["serve", "--cert", "/nowhere", "--key", "/nowhere"])).toMatchObject({
    code: 1,
    errors: expect.stringContaining("cannot read /nowhere"),
  });
});
