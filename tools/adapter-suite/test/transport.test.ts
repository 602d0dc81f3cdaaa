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
    ["thirty lines", new URL("../../examples/transport/tcp.mjs", import.meta.url)],
    ["web streams", new URL("./programs/streams.mjs", import.meta.url)],
  ])("passes with a transport of %s, except for TLS", async (_, program) => {
    const results = await runIn("node", program.href, environment.over("tcp"));
    expect(results.map(({ title }) => title)).toEqual(Object.keys(suite));
    expect(results.filter(({ error }) => error !== undefined).map(({ title }) => title)).toEqual(TLS);
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
