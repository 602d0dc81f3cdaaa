// SPDX-License-Identifier: Apache-2.0
import { type Bug, plant } from "../../testkit/plant-bug.ts";
import { load, UNDER_TEST } from "./load.ts";
import { type Outcome, simulate } from "./simulation.ts";

const PACKAGES = ["session", "io", "server", "codec"];
const SEEDS = 400;

/** A bug, and the package that it is planted in. */
export interface Planted extends Bug {
  /** The package; the session by default. */
  readonly where?: "io";
}

/** Bugs that clients have had. Each breaks a promise of the session, or of the client that runs it. */
export const bugs: readonly Planted[] = [
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
    what: "sends the PING of a waiting flush before the buffered messages",
    file: "frame-handler.ts",
    right: "const rejected = this.#outbound.sendBuffered(link);\n    this.#operations.connected(link);",
    wrong: "this.#operations.connected(link);\n    const rejected = this.#outbound.sendBuffered(link);",
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
  {
    what: "drains without waiting for async callbacks",
    where: "io",
    file: "client/drain.ts",
    right: "await Promise.race([connection.closed, Promise.all(subscriptions.map((one) => one.idle()))]);",
    wrong: "",
  },
  {
    what: "drains without waiting for requests in progress",
    where: "io",
    file: "client/drain.ts",
    right: "await operations.settled();",
    wrong: "",
  },
  {
    what: "does not wait for callbacks of subscriptions that have ended",
    where: "io",
    file: "client/subscription-table.ts",
    right: "return [...this.#byId.values(), ...this.#running];",
    wrong: "return [...this.#byId.values()];",
  },
  {
    what: "ignores the timeout of a drain",
    where: "io",
    file: "client/client.ts",
    right: "await withDeadline(done, { timeout, signal }, this.#clock);",
    wrong: "await done;",
  },
  {
    what: "runs one callback more than `concurrency` at once",
    where: "io",
    file: "client/subscription.ts",
    right: "while (this.#running < this.#concurrency)",
    wrong: "while (this.#running <= this.#concurrency)",
  },
  {
    what: "calls no waiting callback after one has settled",
    where: "io",
    file: "client/subscription.ts",
    right: "this.#done(1);\n    this.#callWaiting();",
    wrong: "this.#done(1);",
  },
  {
    what: "never ends a callback that rejected",
    where: "io",
    file: "client/subscription.ts",
    right: "    this.#host.thrown(error);\n    this.#onSettled();",
    wrong: "    this.#host.thrown(error);",
  },
  {
    what: "does not report what a callback rejected with",
    where: "io",
    file: "client/subscription.ts",
    right: "    this.#host.thrown(error);\n    this.#onSettled();",
    wrong: "    this.#onSettled();",
  },
  {
    what: "refuses the requests of callbacks while the connection drains",
    where: "io",
    file: "client/client.ts",
    right: "return this.#isClosed ? Promise.reject(this.#closedError()) : this.#operations.request(",
    wrong: "return this.#isClosed || this.#draining ? Promise.reject(this.#closedError()) : this.#operations.request(",
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
export async function search(bug: Planted): Promise<Outcome | undefined> {
  const { where = "session" } = bug;
  const packages = [where, ...PACKAGES.filter((other) => other !== where)];
  const under = await plant(bug, packages, UNDER_TEST, load);
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = await simulate(seed, under);
    if (outcome.broken !== undefined) return outcome;
  }
  return undefined;
}
