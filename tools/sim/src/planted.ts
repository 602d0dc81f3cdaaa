// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { type Bug, plant } from "../../testkit/plant-bug.ts";
import { type Outcome, simulate } from "./simulation.ts";
import type { UnderTest } from "./world.ts";

// The same path from this source and from its bundle.
const UNDER_TEST = new URL("../src/under-test.ts", import.meta.url);
const PACKAGES = ["session", "server", "codec"];
const SEEDS = 400;

/** Bugs that clients have had. Each breaks a promise of the session. */
export const bugs: readonly Bug[] = [
  {
    what: "resubscribes with the original maximum",
    file: "subscriptions.ts",
    right: "max: max - received",
    wrong: "max",
  },
  {
    what: "keeps buffered messages after sending them",
    file: "outbound.ts",
    right: "this.counts.dropped += rejected.length;\n    this.#clear();",
    wrong: "this.counts.dropped += rejected.length;",
  },
  {
    what: "allows one unanswered PING too many",
    file: "session.ts",
    right: "if (unansweredPings >= this.#state.config.maxPingOut)",
    wrong: "if (unansweredPings > this.#state.config.maxPingOut)",
  },
  {
    what: "forgets the messages in flight on a lost connection",
    file: "session.ts",
    right: "this.#outbound.lost(link);",
    wrong: "",
  },
  {
    what: "confirms messages that were published after the PING",
    file: "frame-handler.ts",
    right: "this.#outbound.confirm(link, ping.published);",
    wrong: "this.#outbound.confirm(link, link.published);",
  },
  {
    what: "resumes a paused connection after it was lost",
    file: "session.ts",
    right: "    this.#inbound.reset();\n    this.#outbound.lost(link);",
    wrong: "    this.#outbound.lost(link);",
  },
  {
    what: "does not reset the attempts at a server after connecting",
    file: "servers/pool.ts",
    right: "candidate.attempts = 0;",
    wrong: "",
  },
  {
    what: "offers rejected credentials again and again",
    file: "servers/pool.ts",
    right: "candidate.isGivenUp ||= candidate.refusals.has(refusal);",
    wrong: "",
  },
  {
    what: "takes the expiry of credentials in use for a refusal",
    file: "frame-handler.ts",
    right: 'if (isAuth && link.phase !== "ready" && known',
    wrong: "if (isAuth && known",
  },
  {
    what: "takes an authentication timeout for a refusal",
    file: "frame-handler.ts",
    right: ' && known.code !== "AUTHENTICATION_TIMEOUT"',
    wrong: "",
  },
  {
    what: "tries only one address of a host name",
    file: "servers/pool.ts",
    right: "last.addresses.length > 0 && !last.isGivenUp",
    wrong: "false",
  },
  {
    what: "never ends a flush on a lost connection",
    file: "pending-operations.ts",
    right: "for (const operation of this.#operations) this.#fail(",
    wrong: "for (const operation of this.#operations) if (operation.message > 0) this.#fail(",
  },
  {
    what: "does not subtract consumed bytes",
    file: "inbound.ts",
    right: "subscription.queuedBytes = Math.max(0, subscription.queuedBytes - bytes);",
    wrong: "",
  },
  {
    what: "delivers a duplicate reply",
    file: "pending-operations.ts",
    right: "if (many === undefined) this.#end(operation);",
    wrong: "if (many === undefined) void operation;",
  },
  {
    what: "keeps a subscription that the server denied",
    file: "frame-handler.ts",
    right: 'if (subscription !== undefined) this.#end(subscription, { reason: "PERMISSION", detail, denial });',
    wrong: "",
  },
  {
    what: "leaves a denied request to its timeout",
    file: "frame-handler.ts",
    right: 'if (denial.operation === "publish") return this.#operations.deny(parsed, detail);',
    wrong: 'if (denial.operation === "publish") return;',
  },
  {
    what: "sends a buffered request after its timeout",
    file: "pending-operations.ts",
    right: "if (this.#outbound.withdraw(due.message))",
    wrong: "if (this.#context.readyLink === undefined)",
  },
  {
    what: "sends a buffered request that was cancelled",
    file: "pending-operations.ts",
    right: "    this.#outbound.withdraw(operation.message);\n    this.#end(operation);",
    wrong: "    this.#end(operation);",
  },
  {
    what: "never makes the next attempt",
    file: "session.ts",
    right: "this.#retryAt = this.#state.now + after;",
    wrong: "",
  },
  {
    what: "never resets the wait between attempts",
    file: "session.ts",
    right: "if (link.becameStable(this.#state.now)) this.#scheduler.markStable();",
    wrong: "link.becameStable(this.#state.now);",
  },
  {
    what: "ignores an established TLS connection",
    file: "phases.ts",
    right: 'secured: "handle", lost: "TLS"',
    wrong: 'lost: "TLS"',
  },
  {
    what: "sends frames before the handshake is complete",
    file: "context.ts",
    right: 'this.link?.phase === "ready"',
    wrong: "true",
  },
  {
    what: "ignores the credentials that were signed",
    file: "phases.ts",
    right: 'received: "handle", signed: "handle"',
    wrong: 'received: "handle"',
  },
  {
    what: "forgets the bytes of earlier connections",
    file: "session.ts",
    right: "this.#bytes.bytesSent += bytes.length;",
    wrong: "this.#bytes.bytesSent = bytes.length;",
  },
];

/** Plants one bug after the other in a copy of the session, and tells which seed finds it; returns the exit code. */
export async function planted(): Promise<number> {
  let found = 0;
  for (const [i, bug] of bugs.entries()) {
    const outcome = await search(bug);
    if (outcome !== undefined) found++;
    const { seed, broken } = outcome ?? {};
    const result =
      broken === undefined ? "NOT FOUND" : `found by seed ${seed}, ${JSON.stringify(broken.law)}: ${broken.detail}`;
    console.log(`${String(i + 1).padStart(2)}. ${bug.what} (${bug.file}): ${result.split("\n")[0]!.slice(0, 160)}`);
  }
  console.log(`${found} of ${bugs.length} planted bugs found`);
  return found === bugs.length ? 0 : 1;
}

/** Returns the result of the first seed that finds a bug. */
export async function search(bug: Bug): Promise<Outcome | undefined> {
  const under = await plant(bug, PACKAGES, UNDER_TEST, bundle);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = simulate(seed, under);
    if (outcome.broken !== undefined) return outcome;
  }
  return undefined;
}

async function bundle(entry: string): Promise<UnderTest> {
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
