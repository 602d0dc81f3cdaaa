// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, type Msg, matches, type Pub, type Sub } from "@natswire/codec";

/** Where a message belongs in the order of answers. */
export interface Lane {
  readonly name: string;
  readonly isUnordered: boolean;
  /** Whether the server chooses the subscription, one of a queue group. */
  readonly isShared: boolean;
}

const NO_RESPONDERS = Buffer.from("NATS/1.0 503");

/**
 * Says which messages a server has to deliver in order. These are the messages that one connection publishes, as another one
 * receives them. Messages of different publishers have no order, nor do the members of a queue group.
 */
export class Lanes {
  readonly #subscriptions = new Map<string, Sub>();
  /** The subjects of each queue group's subscriptions. */
  readonly #queues = new Map<string, string[]>();
  readonly #publishers = new Map<string, Set<number>>();

  /** Learns what a client sends, before any message is looked up. */
  add(connection: number, frame: ClientFrame): void {
    if (frame.op === "sub") {
      this.#subscriptions.set(`${connection} ${frame.sid}`, frame);
      if (frame.queue !== undefined) {
        this.#queues.set(frame.queue, [...(this.#queues.get(frame.queue) ?? []), frame.subject]);
      }
    }
    if (frame.op === "pub") {
      addTo(this.#publishers, frame.subject, connection);
      addTo(this.#publishers, contentOf(frame), connection);
    }
  }

  /** Returns the lane of a message that a connection receives. */
  of(connection: number, message: Msg<string>): Lane {
    const queue = this.#subscriptions.get(`${connection} ${message.sid}`)?.queue;
    if (queue !== undefined && this.#isShared(queue, message.subject)) {
      return { name: `queue ${queue} ${message.subject}`, isUnordered: true, isShared: true };
    }
    const publishers = this.#publishers.get(contentOf(message)) ?? this.#publishers.get(message.subject);
    const [publisher, ...others] = publishers ?? [];
    if (publisher === undefined) {
      const isOwn =
        message.headers !== undefined && NO_RESPONDERS.equals(message.headers.subarray(0, NO_RESPONDERS.length));
      return ordered(isOwn ? String(connection) : `${connection} ${message.sid}`);
    }
    if (others.length > 0) return { ...ordered(`${connection} ${message.sid} of several`), isUnordered: true };
    return ordered(publisher === connection ? String(connection) : `${connection} from ${publisher}`);
  }

  /** Returns whether several members receive a subject. A server takes one group by name, whatever their patterns are. */
  #isShared(queue: string, subject: string): boolean {
    const members = this.#queues.get(queue) ?? [];
    return members.filter((pattern) => matches(pattern, subject)).length > 1;
  }
}

function ordered(name: string): Lane {
  return { name, isUnordered: false, isShared: false };
}

function contentOf({ subject, headers, payload }: Pub | Msg<string>): string {
  const parts = [headers ?? new Uint8Array(), payload];
  return [subject, ...parts.map((part) => Buffer.from(part).toString("latin1"))].join("\0");
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}
