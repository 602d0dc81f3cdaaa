// SPDX-License-Identifier: Apache-2.0
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { type OpenEnvironment, openEnvironment } from "../runtimes/environment.ts";
import { runIn } from "../runtimes/run-in.ts";
import { suite } from "../suite.ts";

const [certificates, untrusted] = [makeCertificates(), makeCertificates()];
let environment: OpenEnvironment;
beforeAll(async () => {
  environment = await openEnvironment("the embedded server", certificates, untrusted);
});
afterAll(async () => {
  await environment.close();
  certificates.remove();
  untrusted.remove();
});

const TLS = [
  "uses TLS",
  "uses TLS from the first byte (handshakeFirst)",
  "sends a client certificate",
  "reports an untrusted certificate as a TLS error",
  "transport: keeps what is written during a TLS handshake",
];

describe("the adapter suite", () => {
  it.each([
    ["of thirty lines, except for TLS", new URL("../../examples/transport/tcp.mjs", import.meta.url), ""],
    ["on web streams, by the rules of transports", new URL("./programs/streams.mjs", import.meta.url), "transport: "],
  ])("passes with a transport %s", async (_, program, only) => {
    const results = await runIn("node", program.href, environment.over("tcp"), undefined, only);
    const [titles, failing] = [Object.keys(suite), TLS].map((all) => all.filter((title) => title.includes(only)));
    expect(results.map(({ title }) => title)).toEqual(titles);
    expect(results.filter(({ error }) => error !== undefined).map(({ title }) => title)).toEqual(failing);
  });

  it.each([
    ["names the case in which an adapter blocks its process", "blocking", 'in the case "connects and receives INFO"'],
    ["reports an adapter that keeps its process alive", "open", "after the last one"],
  ])("%s", async (_, name, text) => {
    const program = new URL(`./programs/${name}.mjs`, import.meta.url);
    const run = runIn("node", program.href, environment.over("tcp"), undefined, "connects and receives INFO", 3000);
    await expect(run).rejects.toThrow(text);
  });
});
