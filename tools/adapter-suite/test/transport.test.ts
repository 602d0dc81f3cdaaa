// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { makeCertificates } from "../../testkit/certificates.ts";
import { openGrounds } from "../runtimes/environment.ts";
import { playIn } from "../runtimes/run-in.ts";
import { suite } from "../suite.ts";

const program = new URL("../../examples/transport/tcp.mjs", import.meta.url);
const guide = readFileSync(new URL("../../../docs/transports.md", import.meta.url), "utf8");

it("the transport of docs/transports.md is the example's", () => {
  const [, code] = /```js\n([\s\S]*?)```/.exec(guide)!;
  expect(readFileSync(program, "utf8")).toContain(code);
});

it("a transport of thirty lines passes the suite, but for the TLS it has not", async () => {
  const [certificates, strangers] = [makeCertificates(), makeCertificates()];
  const grounds = await openGrounds("the embedded server", certificates, strangers);
  try {
    const played = await playIn("node", program.href, grounds.told("tcp"));
    expect(played.map(({ name }) => name)).toEqual(Object.keys(suite));
    expect(played.filter(({ error }) => error !== undefined).map(({ name }) => name)).toEqual([
      "speaks TLS",
      "speaks TLS from the first byte",
      "speaks TLS with a certificate of its own",
      "says that it was the certificate",
    ]);
  } finally {
    await grounds.close();
    certificates.remove();
    strangers.remove();
  }
});
