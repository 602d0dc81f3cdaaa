// SPDX-License-Identifier: Apache-2.0
import type { ServerInfo } from "@natswire/codec";
import type { ConnectionStats } from "@natswire/session";
import type { ConnectionError } from "../connection-error.ts";
import type { Message, Payload, PublishOptions } from "../message.ts";
import type { AbortSignalLike, WaitOptions } from "../wait.ts";
import type { Subscription, SubscriptionOptions } from "./subscription.ts";

/** What a connection tells of itself. */
export type Status =
  /** The connection is lost; the code of `error` says why. */
  | { readonly type: "disconnect"; readonly error: ConnectionError }
  /** The next attempt comes in `after` milliseconds; `error` is why the last one failed, or the connection ended. */
  | { readonly type: "reconnecting"; readonly after: number; readonly error: ConnectionError }
  /** There is a connection again, to `server`: `host:port`, or the path of a unix socket. */
  | { readonly type: "reconnect"; readonly server: string }
  /** The server told of others, `added`, or of others no more, `deleted`; each as `host:port`. */
  | { readonly type: "update"; readonly added: readonly string[]; readonly deleted: readonly string[] }
  /** The server is about to go: it asks its clients to leave. */
  | { readonly type: "ldm" }
  /** The server refused something and the connection lives; or a function of the program threw `error`. */
  | { readonly type: "error"; readonly error: unknown }
  /** So many messages of `subscription` were `dropped` since this was last told. */
  | { readonly type: "slowConsumer"; readonly subscription: Subscription; readonly dropped: number }
  /** It is over, and nothing comes behind this. */
  | { readonly type: "close" };

/** What goes with a request to another client. */
export interface RequestOptions {
  readonly headers?: PublishOptions["headers"];
  /** Milliseconds to wait for the reply; 1,000 where left out. */
  readonly timeout?: number | undefined;
  /** The reply comes to a subscription of its own, for servers that permit no other; true where there is a `reply`. */
  readonly noMux?: boolean | undefined;
  /** The subject of that one; a random one where left out. */
  readonly reply?: string | undefined;
  readonly signal?: AbortSignalLike | undefined;
}

/** What goes with a request for many replies. */
export interface RequestManyOptions extends Omit<RequestOptions, "timeout"> {
  /**
   * When there were enough: `timer`, at the end of `maxWait`, where left out; `count`, behind `maxMessages`; `stall`,
   * behind a silence that follows a reply; `sentinel`, behind an empty reply, which is the last one.
   */
  readonly strategy?: "timer" | "count" | "stall" | "sentinel" | undefined;
  /** Milliseconds for all of it; 1,000 where left out. */
  readonly maxWait?: number | undefined;
  /** With any strategy: it ends behind so many. */
  readonly maxMessages?: number | undefined;
  /** Milliseconds of silence that end it; 300 where left out. */
  readonly stall?: number | undefined;
}

/** A connection to a server, or to one after the other. */
export interface Connection extends AsyncDisposable {
  /** What the server said of itself last; `undefined` while there is none. */
  readonly info: ServerInfo | undefined;
  /** What became of the messages so far, counted over all its connections. */
  readonly stats: ConnectionStats;
  /** Whether it is closed for good: by `close`, by `drain`, or because no server is left to try. */
  readonly isClosed: boolean;
  /** Resolves when it is over for good, as `close` does; with an error where that was nobody's wish. */
  readonly closed: Promise<ConnectionError | undefined>;
  /**
   * Sends a message, at most once. The caller may use the payload's memory again at once, unless it is borrowed.
   *
   * @returns false where so much waits to be sent that the caller should wait for `ready`
   * @throws UsageError where it could not go on the wire, or too much waits
   * @throws ConnectionError CLOSED; LOST without a connection, where `whileDisconnected` is `reject`
   */
  publish(subject: string, payload?: Payload, options?: PublishOptions): boolean;
  /** Resolves when there is room again for what is published. */
  ready(patience?: WaitOptions): Promise<void>;
  /**
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER, BAD_FIELD, TOO_LARGE
   * @throws ConnectionError CLOSED, DRAINING
   */
  subscribe(subject: string, options?: SubscriptionOptions): Subscription;
  /**
   * Asks, and waits for one reply.
   *
   * @throws ConnectionError TIMEOUT, NO_RESPONDERS, LOST, CLOSED; REFUSED where it waited for a server that does not take it
   */
  request(subject: string, payload?: Payload, options?: RequestOptions): Promise<Message>;
  /**
   * Asks at once, and gives the replies as they come; they end as `strategy` says, and leaving the loop ends them too.
   *
   * @throws UsageError BAD_NUMBER, BAD_FIELD, and what `publish` throws
   * @throws ConnectionError in the loop: NO_RESPONDERS, LOST, CLOSED, REFUSED; TOO_MANY where 65,536 wait to be read
   */
  requestMany(subject: string, payload?: Payload, options?: RequestManyOptions): AsyncIterableIterator<Message>;
  /**
   * Resolves when the server has all that was published before.
   *
   * @throws ConnectionError LOST where the connection ends before it says so, TIMEOUT
   */
  flush(patience?: WaitOptions): Promise<void>;
  /** Milliseconds to the server and back. */
  rtt(patience?: WaitOptions): Promise<number>;
  /**
   * Ends all subscriptions, waits until what has come is read, flushes what was published, and closes. Where it is under
   * way already, it is that one.
   *
   * @param patience 10 seconds for all of it where left out; it is closed when that is over as well
   * @throws ConnectionError TIMEOUT where it took longer; LOST where nobody knows whether all that was published arrived
   */
  drain(patience?: WaitOptions): Promise<void>;
  /**
   * Closes behind what was published, and resolves when the server has hung up too, or has had a second for that: what it
   * has not read by then is lost. `drain` waits until it has all. No callback is called any more; what waits to be read
   * can be read.
   */
  close(): Promise<void>;
  /** Leaves the server for another. */
  reconnect(): void;
  /**
   * Replaces the servers to go to; the connection there is stays.
   *
   * @throws UsageError BAD_FIELD where there is none, or one is none, and then the old ones stay
   */
  setServers(servers: string | readonly string[]): void;
  /** What happens to the connection, as it happens, for as long as it is iterated over; at most 1,024 wait. */
  status(): AsyncIterableIterator<Status>;
  /**
   * Calls for everything that happens to the connection.
   *
   * @returns calls no more
   */
  onStatus(listener: (status: Status) => void): () => void;
}
