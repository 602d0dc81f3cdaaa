// SPDX-License-Identifier: Apache-2.0
import type { MsgHeaders } from "@natswire/codec";
import type { Message } from "../message.ts";
import type { Connection, Status } from "./connection.ts";
import type { Subscription } from "./subscription.ts";

/** A message that is about to be published. */
export interface OutgoingMessage {
  readonly connection: Connection;
  readonly subject: string;
  /** The subject for answers that the program gave. A request has none: its reply subject is chosen later. */
  readonly reply: string | undefined;
  /** The payload as it is sent; a hook must not change it. */
  readonly payload: Uint8Array;
  /**
   * A copy of the program's headers. What a hook changes here is sent. Lines of a raw block that cannot be read are not in it, and
   * are not sent after a hook has read this field.
   */
  readonly headers: MsgHeaders;
}

/** A message that a subscription delivers. */
export interface Delivery {
  readonly connection: Connection;
  readonly subscription: Subscription;
  /** The message as the program gets it; a hook must not change it or its headers. */
  readonly message: Message;
}

/** What happened to a connection. */
export interface StatusChange {
  readonly connection: Connection;
  readonly status: Status;
}

/**
 * Hooks for tracing and metrics.
 *
 * A hook of the first three runs around the call: it calls `next`, which does the work and returns its result, or throws its
 * error. A hook only observes: the program gets this result or error whatever the hook returns or throws. If a hook does not call
 * `next`, the work is done after it. What a hook itself throws or rejects with is emitted as a status of type `error`; without a
 * status listener it is an uncaught error. A hook that calls `then` on the promise of `next` returns the new promise.
 *
 * @example
 * ```js
 * import { connect, serve } from "@natswire/node";
 *
 * const server = await serve();
 * const client = await connect({
 *   servers: server.url,
 *   hooks: {
 *     publish(message, next) {
 *       message.headers.set("Sent-By", "orders");
 *       return next();
 *     },
 *   },
 * });
 * const orders = client.subscribe("orders.*");
 * client.publish("orders.new", "apple");
 * console.log((await orders.next()).headers?.get("Sent-By")); // orders
 * await client.close();
 * await server.close();
 * ```
 */
export interface ConnectionHooks {
  /**
   * Runs around `publish` and `respond`. `next` returns `accepted`, or `full` if more than half of `maxPending` waits to be sent;
   * `dropped` if `whileDisconnected` is `drop`; `refused` if `publish` throws after it, or `respond` returns false.
   */
  readonly publish?:
    | ((message: OutgoingMessage, next: () => "accepted" | "full" | "dropped" | "refused") => unknown)
    | undefined;
  /** Runs around `request` and `requestMany`. `next` resolves with the reply; for many with `undefined`, after the last one. */
  readonly request?: ((message: OutgoingMessage, next: () => Promise<Message | undefined>) => unknown) | undefined;
  /**
   * Runs around each callback of a subscription. `next` calls it and returns its result. For a loop, or `next()` of the
   * subscription, it runs when the message arrives, and `next` returns `undefined` at once.
   */
  readonly deliver?: ((delivery: Delivery, next: () => unknown) => unknown) | undefined;
  /** Called for everything that happens to the connection, as a status listener is. */
  readonly status?: ((change: StatusChange) => void) | undefined;
}
