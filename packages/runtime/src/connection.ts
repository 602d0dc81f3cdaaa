// SPDX-License-Identifier: Apache-2.0
import type { ServerInfo } from "@natswire/codec";
import type { SessionStats } from "@natswire/session";
import type { ConnectionError } from "./connection-error.ts";
import type { Payload, PublishOptions, Received } from "./received.ts";
import type { Subscription, SubscriptionOptions } from "./subscription.ts";

/** What a connection tells of itself. */
export type Status =
  | { readonly type: "disconnect"; readonly error: ConnectionError }
  | { readonly type: "reconnecting"; readonly after: number }
  | { readonly type: "reconnect"; readonly server: string }
  | { readonly type: "update"; readonly added: readonly string[]; readonly deleted: readonly string[] }
  | { readonly type: "ldm" }
  | { readonly type: "error"; readonly error: unknown }
  | { readonly type: "slowConsumer"; readonly subscription: Subscription; readonly dropped: number }
  | { readonly type: "close" };

/** What goes with a request to another client. */
export interface ClientRequestOptions {
  readonly headers?: PublishOptions["headers"];
  /** Milliseconds to wait for the reply; 1,000 where left out. */
  readonly timeout?: number | undefined;
}

/** A connection to a server, or to one after the other. */
export interface Connection extends AsyncDisposable {
  /** What the server said of itself last; `undefined` while there is none. */
  readonly info: ServerInfo | undefined;
  readonly stats: SessionStats;
  readonly isClosed: boolean;
  /** Resolves when it is closed for good; with an error where that was nobody's wish. */
  readonly closed: Promise<ConnectionError | undefined>;
  /**
   * Sends a message, at most once. The payload must not be changed before it is flushed.
   *
   * @returns false where so much waits to be sent that the caller should wait for `ready`
   * @throws UsageError where it could not go on the wire, or too much waits
   * @throws ConnectionError CLOSED, DRAINING
   */
  publish(subject: string, payload?: Payload, options?: PublishOptions): boolean;
  /** Resolves when there is room again for what is published. */
  ready(): Promise<void>;
  /**
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER
   * @throws ConnectionError CLOSED, DRAINING
   */
  subscribe(subject: string, options?: SubscriptionOptions): Subscription;
  /**
   * Asks, and waits for one reply.
   *
   * @throws ConnectionError TIMEOUT, NO_RESPONDERS, LOST, CLOSED
   */
  request(subject: string, payload?: Payload, options?: ClientRequestOptions): Promise<Received>;
  /**
   * Resolves when the server has all that was published before.
   *
   * @throws ConnectionError LOST where the connection ends before it says so
   */
  flush(): Promise<void>;
  /** Milliseconds to the server and back. */
  rtt(): Promise<number>;
  /**
   * Ends all subscriptions, waits until what has come is read, flushes what was published, and closes.
   *
   * @param within milliseconds for all of it; 10,000 where left out
   * @throws ConnectionError TIMEOUT where it took longer; it is closed then as well
   */
  drain(within?: number): Promise<void>;
  /** Closes behind what was published. */
  close(): Promise<void>;
  /** Leaves the server for another. */
  reconnect(): void;
  /** What happens to the connection, as it happens, for as long as it is iterated over; at most 1,024 wait. */
  status(): AsyncIterableIterator<Status>;
}
