// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import colours from "picocolors";
import { makeCertificates } from "../../testkit/certificates.ts";
import { runtimes } from "../../testkit/runtimes.ts";
import { serverKinds } from "../../testkit/servers.ts";
import { limitationsOf } from "./adapters.ts";
import { openEnvironment } from "./environment.ts";
import type { CaseResult } from "./run-all.ts";
import { runIn } from "./run-in.ts";

const usage = `Runs the adapter test suite on an adapter of yours, against the embedded server and a nats-server.

  npm run suite -- ./my-adapter.mjs                  in this Node; the module exports connect, see docs/transports.md
  npm run suite -- ./my-adapter.mjs --runtime bun    in another runtime: ${runtimes.join(", ")}
  npm run suite -- ./my-adapter.mjs --websocket      through the servers' WebSocket ports
  npm run suite -- @natswire/node --only TLS         the cases whose titles contain it`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runtime: { type: "string", default: "node" },
    websocket: { type: "boolean", default: false },
    only: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const [adapter] = positionals;

if (values.help || adapter === undefined) console.log(usage);
else process.exitCode = await test(existsSync(adapter) ? pathToFileURL(resolve(adapter)).href : adapter);

async function test(module: string): Promise<number> {
  const runtime = runtimes.find((name) => name === values.runtime);
  if (runtime === undefined) throw new Error(`unknown runtime "${values.runtime}"; use one of ${runtimes.join(", ")}`);
  const transport = values.websocket ? "websocket" : "tcp";
  const [certificates, untrusted] = [makeCertificates(), makeCertificates()];
  let failed = 0;
  try {
    for (const kind of serverKinds) {
      console.log(`\non ${kind}`);
      const limitations = limitationsOf(kind, transport);
      const environment = await openEnvironment(kind, certificates, untrusted);
      const onResult = ({ title, error }: CaseResult): void => {
        const reason = limitations[title];
        if (error !== undefined && reason === undefined) failed++;
        console.log(format(title, error, reason));
      };
      const remote = environment.over(transport);
      await runIn(runtime, module, remote, onResult, values.only).finally(() => environment.close());
    }
  } finally {
    certificates.remove();
    untrusted.remove();
  }
  return failed === 0 ? 0 : 1;
}

function format(title: string, error: string | undefined, reason: string | undefined): string {
  if (error === undefined) return `${colours.green("✓")} ${title}`;
  return reason === undefined ? `${colours.red("✗")} ${title}\n    ${error}` : `– ${title}: ${reason}`;
}
