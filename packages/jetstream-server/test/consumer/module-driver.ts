// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { ModuleHost, ServerModule } from "@natswire/server";
import { fromLatin1, latin1 } from "../../../../tools/testkit/latin1.ts";
import { jetstream } from "../../src/index.ts";

/** A message that JetStream published, and to which subject. */
export interface Published {
  readonly to: string;
  readonly subject: string;
  readonly reply: string;
  readonly headers: string;
  readonly payload: string;
}

/** JetStream without a server: everybody is subscribed to everything, and receivers lag as a test says. */
export class ModuleDriver {
  readonly #module: ServerModule = jetstream();
  readonly #subscriptions = new Map<number, string>();
  /** Receivers that lag, by subject. */
  readonly lagging: Set<string> = new Set();
  #now = 0;

  constructor() {
    let random = 0;
    const host = {
      serverId: "id",
      serverName: "name",
      maxPayload: 1_048_576,
      random: (into: Uint8Array) => into.fill(random++),
      hasInterest: () => true,
      hasSubscriber: () => true,
      isLagging: (_: string, subject: string) => this.lagging.has(subject),
      wake: () => {},
    };
    const clock = { now: { get: () => this.#now }, wall: { get: () => this.#now } };
    this.#module.started(Object.defineProperties(host, clock) as unknown as ModuleHost);
    this.#poll();
  }

  get now(): number {
    return this.#now;
  }

  /** Publishes a message to JetStream. Returns what it publishes. */
  publish(subject: string, payload: string | object = "", reply?: string): Published[] {
    const bytes = latin1(typeof payload === "string" ? payload : JSON.stringify(payload));
    const message: Pub = { op: "pub", subject, reply, headers: undefined, payload: bytes, flaw: undefined };
    for (const [id, pattern] of [...this.#subscriptions]) {
      const prefix = pattern.replace(/>$/, "");
      if (subject === pattern || (prefix !== pattern && subject.startsWith(prefix))) {
        this.#module.received(id, "A", message, undefined);
      }
    }
    return this.#poll();
  }

  /** Requests something of the API. Returns the JSON of the answer. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many kinds
  api(name: string, payload: string | object = ""): any {
    const answer = this.publish(`$JS.API.${name}`, payload, "answer").find(({ to }) => to === "answer");
    return JSON.parse(answer?.payload ?? "{}");
  }

  /** Advances the clock to each deadline. Returns what JetStream publishes. */
  advance(time: number): Published[] {
    const end = this.#now + time;
    const published: Published[] = [];
    for (let at = this.#module.deadline; at !== undefined && at <= end; at = this.#module.deadline) {
      this.#now = Math.max(this.#now, at);
      this.#module.elapsed?.();
      published.push(...this.#poll());
    }
    this.#now = end;
    return published;
  }

  /** All receivers have caught up. Returns what JetStream publishes. */
  resume(): Published[] {
    this.lagging.clear();
    this.#module.resumed?.();
    return this.#poll();
  }

  /** Returns the next message that JetStream publishes. It stays in the middle of its work. */
  next(): Published | undefined {
    for (let action = this.#module.poll(); action !== undefined; action = this.#module.poll()) {
      if (action.do === "subscribe") this.#subscriptions.set(action.id, action.pattern);
      else if (action.do === "unsubscribe") this.#subscriptions.delete(action.id);
      else if (action.do === "publish") {
        const { subject, reply = "", headers, payload } = action.message;
        const to = action.to ?? subject;
        return {
          to,
          subject,
          reply,
          headers: headers === undefined ? "" : fromLatin1(headers),
          payload: fromLatin1(payload),
        };
      }
    }
    return undefined;
  }

  #poll(): Published[] {
    const published: Published[] = [];
    for (let one = this.next(); one !== undefined; one = this.next()) published.push(one);
    return published;
  }
}
