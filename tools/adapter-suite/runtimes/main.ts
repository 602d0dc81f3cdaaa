// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import colours from "picocolors";
import { makeCertificates } from "../../testkit/certificates.ts";
import { runtimes } from "../../testkit/runtimes.ts";
import { lackedBy } from "./adapters.ts";
import { openGrounds } from "./environment.ts";
import type { Played } from "./run-all.ts";
import { playIn } from "./run-in.ts";
import { kinds } from "./servers.ts";

const usage = `Plays the suite every adapter must pass on an adapter of yours, against the embedded server and a nats-server.

  npm run suite -- ./my-adapter.mjs                  on this Node; the module exports connect: see docs/transports.md
  npm run suite -- ./my-adapter.mjs --runtime bun    on another runtime: ${runtimes.join(", ")}
  npm run suite -- ./my-adapter.mjs --websocket      by the servers' WebSocket ports
  npm run suite -- @natswire/node --only TLS         the cases whose names contain it`;

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
else process.exitCode = await played(existsSync(adapter) ? pathToFileURL(resolve(adapter)).href : adapter);

async function played(module: string): Promise<number> {
  const runtime = runtimes.find((one) => one === values.runtime);
  if (runtime === undefined) throw new Error(`no runtime ${values.runtime}: ${runtimes.join(", ")}`);
  const door = values.websocket ? "websocket" : "tcp";
  const [certificates, strangers] = [makeCertificates(), makeCertificates()];
  let failed = 0;
  try {
    for (const kind of kinds) {
      console.log(`\non ${kind}`);
      const lacks = lackedBy(kind, door);
      const grounds = await openGrounds(kind, certificates, strangers);
      const hear = ({ name, error }: Played): void => {
        const reason = lacks[name];
        if (error !== undefined && reason === undefined) failed++;
        console.log(line(name, error, reason));
      };
      await playIn(runtime, module, grounds.told(door), hear, values.only).finally(() => grounds.close());
    }
  } finally {
    certificates.remove();
    strangers.remove();
  }
  return failed === 0 ? 0 : 1;
}

function line(name: string, error: string | undefined, reason: string | undefined): string {
  if (error === undefined) return `${colours.green("✓")} ${name}`;
  return reason === undefined ? `${colours.red("✗")} ${name}\n    ${error}` : `– ${name}: ${reason}`;
}
