// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { serve } from "@natswire/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificates, makeCertificates } from "../../../packages/node/test/certificates.ts";
import { type RuntimeName, runtime } from "../../bench/src/runtimes.ts";
import { startNatsServer } from "../../repo/nats-server.ts";
import type { Played, Told } from "../runtimes/play.ts";
import { suite } from "../suite.ts";
import { kinds, type Opened } from "./servers.ts";

const adapters: readonly [RuntimeName, string][] = [
  ["node", "@natswire/node"],
  ["deno", "@natswire/deno"],
];

/** What an adapter cannot do, and why; the case is shown to fail. */
const lacks: Partial<Record<RuntimeName, Readonly<Record<string, string>>>> = {
  deno: { "goes on in TLS behind INFO, with its own certificate": "Deno.startTls takes no client certificate" },
};

describe.each(kinds)("on %s", (kind, start) => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(() => certificates.remove());

  async function secured(verify: boolean): Promise<Opened> {
    const { ca, server } = certificates;
    if (kind !== "the embedded server") {
      const tls = `cert_file: "${server.certFile}", key_file: "${server.keyFile}", ca_file: "${ca.certFile}", verify: ${verify}`;
      const real = await startNatsServer(`tls { ${tls} }`);
      return { port: real.port, lameDuck() {}, close: () => real.stop() };
    }
    const tls = { cert: server.cert, key: server.key, ca: ca.cert, requestCert: verify, rejectUnauthorized: verify };
    const ours = await serve({ tls });
    return { port: ours.port, lameDuck() {}, close: () => ours.close() };
  }

  describe.each(adapters)("in %s", (name, adapter) => {
    let played: ReadonlyMap<string, Played>;
    beforeAll(async () => {
      let plain = await start();
      const { port } = plain;
      const secure = await secured(false);
      const strict = await secured(true);
      const control = createServer(async (_, response) => {
        await plain.close();
        plain = await start({ port });
        response.end("restarted");
      });
      await new Promise<void>((listening) => control.listen(0, "127.0.0.1", listening));
      try {
        const { ca, client } = certificates;
        played = await play(name, adapter, {
          url: `nats://127.0.0.1:${port}`,
          restart: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
          secure: {
            url: `nats://127.0.0.1:${secure.port}`,
            strictUrl: `nats://127.0.0.1:${strict.port}`,
            ca: ca.cert,
            cert: client.cert,
            key: client.key,
          },
        });
      } finally {
        control.close();
        await secure.close();
        await strict.close();
        await plain.close();
      }
    });

    it.each(Object.keys(suite))("%s", (title) => {
      const reason = lacks[name]?.[title];
      const { error } = played.get(title) ?? { error: "was not played" };
      if (reason === undefined) expect(error).toBeUndefined();
      else expect(error, `it can by now: ${reason}`).toBeDefined();
    });

    it("nothing else happens, a rejection nobody hears for instance", () => {
      expect([...played.keys()]).toEqual(Object.keys(suite));
    });
  });
});

async function play(name: RuntimeName, adapter: string, told: Told): Promise<ReadonlyMap<string, Played>> {
  const [program, ...args] = runtime(name).command;
  const script = fileURLToPath(new URL("../dist/play.js", import.meta.url));
  const child = spawn(program!, [...args, script, adapter, JSON.stringify(told)], {
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 50_000,
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expect(code, said).toBe(0);
  const lines = said.trim().split("\n");
  return new Map(lines.map((line) => JSON.parse(line) as Played).map((one) => [one.name, one]));
}
