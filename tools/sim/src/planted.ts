// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { type Bug, plant } from "../../testkit/plant-bug.ts";
import { type Outcome, simulate } from "./simulation.ts";
import type { UnderTest } from "./world.ts";

const UNDER_TEST = new URL("../src/under-test.ts", import.meta.url);
const PACKAGES = ["session", "server", "codec"];
const SEEDS = 200;

/** Mistakes that clients have made, one to a promise that a session gives. */
export const bugs: readonly Bug[] = [
  {
    what: "a subscription is sent again with the maximum it began with",
    file: "subscriptions.ts",
    right: "max: max - received",
    wrong: "max",
  },
  {
    what: "messages kept while there was no connection are kept for the next one too",
    file: "outbound.ts",
    right: "this.#buffered.splice(0)",
    wrong: "this.#buffered",
  },
  {
    what: "one PING too many may be unanswered",
    file: "session.ts",
    right: "if (unansweredPings >= config.maxPingOut)",
    wrong: "if (unansweredPings > config.maxPingOut)",
  },
  {
    what: "what was under way on a lost connection is forgotten",
    file: "session.ts",
    right: "this.#outbound.lost(link);",
    wrong: "",
  },
  {
    what: "a PONG confirms what was published behind its PING",
    file: "frame-handler.ts",
    right: "this.#outbound.confirm(link, ping.published);",
    wrong: "this.#outbound.confirm(link, link.published);",
  },
  {
    what: "a connection that was paused is still to be read on when it is gone",
    file: "session.ts",
    right: "    this.#inbound.reset();\n    this.#outbound.lost(link);",
    wrong: "    this.#outbound.lost(link);",
  },
  {
    what: "attempts at a server count on when it lets the session in",
    file: "servers/pool.ts",
    right: "candidate.attempts = candidate.authFailures = 0;",
    wrong: "",
  },
  {
    what: "refused credentials are offered again and again",
    file: "frame-handler.ts",
    right: "if (isAuth) link.candidate.authFailures++;",
    wrong: "",
  },
  {
    what: "whoever waits for a flush on a lost connection waits for ever",
    file: "pending-operations.ts",
    right: 'if (purpose === "flush") this.#fail(ticket, reason, detail);\n      else if',
    wrong: "if",
  },
  {
    what: "consumed bytes are not counted back",
    file: "inbound.ts",
    right: "subscription.queuedBytes = Math.max(0, subscription.queuedBytes - bytes);",
    wrong: "",
  },
  {
    what: "a reply that comes again is told again",
    file: "requests.ts",
    right: 'this.cancel(ticket);\n      return many === undefined ? "only" : "last";',
    wrong: 'return many === undefined ? "only" : "last";',
  },
  {
    what: "the next attempt is never made",
    file: "session.ts",
    right: "this.#retryAt = this.#state.now + after;",
    wrong: "",
  },
  {
    what: "the wait between attempts is never short again",
    file: "session.ts",
    right: "if (link.becameStable(this.#state.now)) this.#scheduler.markStable();",
    wrong: "link.becameStable(this.#state.now);",
  },
  {
    what: "an established TLS connection is ignored",
    file: "phases.ts",
    right: 'secured: "handle", lost: "TLS"',
    wrong: 'lost: "TLS"',
  },
  {
    what: "frames are sent before the handshake is complete",
    file: "context.ts",
    right: 'this.link?.phase === "ready"',
    wrong: "true",
  },
  {
    what: "the credentials that the runtime signs are ignored",
    file: "phases.ts",
    right: 'received: "handle", signed: "handle"',
    wrong: 'received: "handle"',
  },
  {
    what: "the bytes of the connection before are forgotten",
    file: "session.ts",
    right: "this.#bytesSent += bytes.length;",
    wrong: "this.#bytesSent = bytes.length;",
  },
];

/** Plants one bug after the other in a copy of the session, and tells which seed finds it; returns the exit code. */
export async function planted(): Promise<number> {
  let found = 0;
  for (const [i, bug] of bugs.entries()) {
    const outcome = await search(bug);
    if (outcome !== undefined) found++;
    const { seed, broken } = outcome ?? {};
    const told =
      broken === undefined ? "NOT FOUND" : `found by seed ${seed}, ${JSON.stringify(broken.law)}: ${broken.detail}`;
    console.log(`${String(i + 1).padStart(2)}. ${bug.what} (${bug.file}): ${told.split("\n")[0]!.slice(0, 160)}`);
  }
  console.log(`${found} of ${bugs.length} planted bugs found`);
  return found === bugs.length ? 0 : 1;
}

/** The first seed that goes wrong with a bug. */
export async function search(bug: Bug): Promise<Outcome | undefined> {
  const under = await plant(bug, PACKAGES, UNDER_TEST, bundled);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = simulate(seed, under);
    if (outcome.broken !== undefined) return outcome;
  }
  return undefined;
}

async function bundled(entry: string): Promise<UnderTest> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    target: "node20",
    logLevel: "error",
  });
  const file = join(dirname(entry), "bundle.mjs");
  writeFileSync(file, outputFiles[0]!.contents);
  return (await import(pathToFileURL(file).href)) as UnderTest;
}
