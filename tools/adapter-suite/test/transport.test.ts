// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { openEnvironment } from "../runtimes/environment.ts";
import { runIn } from "../runtimes/run-in.ts";
import { suite } from "../suite.ts";

const program = new URL("../../examples/transport/tcp.mjs", import.meta.url);

it("passes the suite with a transport of thirty lines, except for TLS", async () => {
  const [certificates, untrusted] = [makeCertificates(), makeCertificates()];
  const environment = await openEnvironment("the embedded server", certificates, untrusted);
  try {
    const results = await runIn("node", program.href, environment.over("tcp"));
    expect(results.map(({ title }) => title)).toEqual(Object.keys(suite));
    expect(results.filter(({ error }) => error !== undefined).map(({ title }) => title)).toEqual([
      "uses TLS",
      "uses TLS from the first byte (handshakeFirst)",
      "sends a client certificate",
      "reports an untrusted certificate as a TLS error",
    ]);
  } finally {
    await environment.close();
    certificates.remove();
    untrusted.remove();
  }
});
