// SPDX-License-Identifier: Apache-2.0
import type { ServerInfo } from "@natswire/codec";
import type { ConnectionStats } from "@natswire/session";
import type { ConnectionError } from "../connection-error.ts";
import type { Message, Payload, PublishOptions } from "../message.ts";
import type { AbortSignalLike, WaitOptions } from "../wait.ts";
import type { ServerUrl } from "./connection-options.ts";
import type { Subscription, SubscriptionOptions } from "./subscription.ts";

/** What happened to a connection, for `status()` and `onStatus`. */
export type Status =
  /** The connection is lost; the code of `error` says why. */
  | { readonly type: "disconnect"; readonly error: ConnectionError }
  /** The next attempt starts in `after` milliseconds; `error` is why the last one failed or the connection ended. */
  | { readonly type: "reconnecting"; readonly after: number; readonly error: ConnectionError }
  /**
   * An attempt to connect to `server` begins. `attempt` counts from 1 since the last connection; each address of a name is one
   * attempt. `error` is why the attempt before it failed, or why the connection was lost.
   */
  | {
      readonly type: "connecting";
      readonly server: string;
      readonly attempt: number;
      readonly error: ConnectionError | undefined;
    }
  /** Connected for the first time; only the option `onStatus` receives it. */
  | { readonly type: "connect"; readonly server: string }
  /** Connected again, to `server`: `host:port`, or the path of a unix socket. */
  | { readonly type: "reconnect"; readonly server: string }
  /** The cluster changed: servers were `added` or `deleted`, each as `host:port`. */
  | { readonly type: "update"; readonly added: readonly string[]; readonly deleted: readonly string[] }
  /** The server is in lame duck mode: it will close the connection soon. */
  | { readonly type: "ldm" }
  /**
   * A problem that leaves the connection open. `error` is a ConnectionError if the server rejected something, if a buffered
   * message or an answer could not be sent (REFUSED), or if `reconnectDelay` or `selectServer` threw (LOST). Otherwise it is what
   * a callback threw; a value that is not an Error is the `cause` of one.
   */
  | { readonly type: "error"; readonly error: Error }
  /**
   * `dropped` messages of `subscription` were dropped since the last such status. Repeats once a second while messages are
   * dropped, and once after the subscription has caught up.
   */
  | { readonly type: "slowConsumer"; readonly subscription: Subscription; readonly dropped: number }
  /** The connection is closed for good. Only the errors of callbacks that still run come after it. */
  | { readonly type: "close" };

/** Options of a status listener. */
export interface StatusListenerOptions {
  /**
   * Only observes, for libraries: problems are printed and errors of callbacks are uncaught, as if there were no listener. False by
   * default.
   */
  readonly passive?: boolean | undefined;
}

/** Options of a request. */
export interface RequestOptions {
  /** The headers of the request, which the server must support. */
  readonly headers?: PublishOptions["headers"];
  /** Milliseconds to wait for the reply; 1,000 by default. */
  readonly timeout?: number | undefined;
  /**
   * Receives the reply with a subscription of its own, in place of the shared inbox; for servers that permit no wildcard. False
   * by default, true with `reply`.
   */
  readonly noMux?: boolean | undefined;
  /** The subject for the reply; a random inbox by default. */
  readonly reply?: string | undefined;
  /** Ends the request when it is aborted, with its reason. A request that was not sent yet is then never sent. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Options of a request for many replies. */
export interface RequestManyOptions extends Omit<RequestOptions, "timeout"> {
  /**
   * When the replies end, at the latest after `maxWait`: not earlier (`timer`, the default), after `maxMessages` (`count`), after
   * a silence of `stall` that follows a reply (`stall`), or after an empty reply, which is the last one (`sentinel`).
   */
  readonly strategy?: "timer" | "count" | "stall" | "sentinel" | undefined;
  /** Milliseconds for the whole request; 1,000 by default. */
  readonly maxWait?: number | undefined;
  /** Ends after this many replies, with every strategy; unlimited by default. */
  readonly maxMessages?: number | undefined;
  /** Milliseconds of silence that end the replies with the strategy `stall`; 300 by default. */
  readonly stall?: number | undefined;
}

/**
 * A connection to a NATS server, or to a cluster of them: a lost connection is made again, with its subscriptions.
 *
 * It is `AsyncDisposable`: disposing of it closes it. After it is closed, `publish`, `subscribe`, `request`, `requestMany`,
 * `flush`, `rtt` and `drain` throw or reject with a ConnectionError CLOSED.
 */
export interface Connection extends AsyncDisposable {
  /** All INFO of the current server, merged; `undefined` while the client is not connected. */
  readonly info: ServerInfo | undefined;
  /** The current server: `host:port`, or the path of a unix socket; `undefined` while the client is not connected. */
  readonly server: string | undefined;
  /** Whether a server has accepted the client and the connection is not lost: published messages are sent at once. */
  readonly isConnected: boolean;
  /** Whether `drain` was called and has not closed the connection yet. */
  readonly isDraining: boolean;
  /** The beginning of reply subjects, as in the options; `_INBOX` by default. */
  readonly inboxPrefix: string;
  /** The subscriptions that have not ended, in the order in which they began. */
  readonly subscriptions: readonly Subscription[];
  /** Counters over the whole life of the connection, at this moment. */
  readonly stats: ConnectionStats;
  /** Whether it is closed for good: by `close`, by `drain`, or because no server is left to try. */
  readonly isClosed: boolean;
  /** Resolves after the connection is closed for good: with an error if it ended unexpectedly. It never rejects. */
  readonly closed: Promise<ConnectionError | undefined>;
  /**
   * Publishes a message, at most once. The payload's memory may be used again at once, unless it is borrowed.
   *
   * While disconnected, messages are buffered up to `maxPending`, unless `whileDisconnected` is `reject` or `drop`.
   *
   * @param payload empty by default
   * @returns false if more than half of `maxPending` waits to be sent: the caller should await `ready`. Also false if
   * `whileDisconnected` is `drop`, and the message was dropped
   * @throws UsageError if subject, payload or headers are not valid; TOO_LARGE if the message is too large
   * @throws ConnectionError FULL if `maxPending` is reached; CLOSED; LOST while disconnected, if `whileDisconnected` is `reject`
   */
  publish(subject: string, payload?: Payload, options?: PublishOptions): boolean;
  /** Resolves after `publish` has room again; at once if it has room, or if the connection is closed. */
  ready(options?: WaitOptions): Promise<void>;
  /**
   * Subscribes to a subject or a pattern with wildcards. If the server denies it, `ready`, `closed` and the loop report that.
   *
   * @param options the options, or the `callback` of them
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_NUMBER, BAD_FIELD, TOO_LARGE
   * @throws ConnectionError CLOSED, DRAINING
   */
  subscribe(subject: string, options?: SubscriptionOptions | ((message: Message) => unknown)): Subscription;
  /** Returns a new subject below `inboxPrefix` that is hard to guess, to receive replies with a subscription of your own. */
  newInbox(): string;
  /**
   * Publishes a request, and resolves with the first reply. While disconnected it is buffered; if it ends before it was sent, it
   * is never sent.
   *
   * @throws UsageError as `publish` does, and BAD_NUMBER if `timeout` is not above 0
   * @throws ConnectionError NO_RESPONDERS if the subject has no subscriber; PERMISSION if the server denies it; FULL if
   * `maxPending` is reached; TIMEOUT, LOST, CLOSED; REFUSED if it was buffered, and the next server does not accept it
   */
  request(subject: string, payload?: Payload, options?: RequestOptions): Promise<Message>;
  /**
   * Publishes a request at once, and iterates over the replies until the `strategy` ends them or the program leaves the loop.
   *
   * @throws UsageError BAD_NUMBER, BAD_FIELD, and as `publish` does
   * @throws ConnectionError CLOSED; in the loop: NO_RESPONDERS, PERMISSION, FULL, LOST, CLOSED, REFUSED; TIMEOUT if it was never
   * sent; TOO_MANY if 65,536 replies are unread
   */
  requestMany(subject: string, payload?: Payload, options?: RequestManyOptions): AsyncIterableIterator<Message>;
  /**
   * Resolves after the server has received everything that was published before. Without a connection it waits for the next
   * one.
   *
   * @param options without a timeout by default
   * @throws ConnectionError LOST if the connection ends before that, TIMEOUT, CLOSED
   */
  flush(options?: WaitOptions): Promise<void>;
  /** Resolves with the time that a `flush` takes, in milliseconds: the round-trip time to the server. Rejects as `flush` does. */
  rtt(options?: WaitOptions): Promise<number>;
  /**
   * Ends all subscriptions, waits until received messages are read and async callbacks have settled, waits for the requests in
   * progress, flushes what was published, and closes the connection. Callbacks and loops may still publish and request. A second
   * call waits for the first, or until its own timeout.
   *
   * Without a connection it waits for one only if messages are buffered. If a loop or a callback awaits it, it times out, because
   * they cannot continue meanwhile.
   *
   * @param options `timeout` is 10,000 ms for all of it by default; the connection is closed after that as well
   * @throws ConnectionError TIMEOUT if it took longer; LOST if it is unknown whether all that was published arrived
   */
  drain(options?: WaitOptions): Promise<void>;
  /**
   * Closes the connection after sending everything already published. Resolves when the server closes its side, or after one
   * second; data unread by then is lost (use `drain()` to wait for it). Callbacks no longer run; queued messages stay readable.
   */
  close(): Promise<void>;
  /** Disconnects, and connects to the next server. Does nothing while the client is not connected. */
  reconnect(): void;
  /**
   * Replaces the servers to connect to; the current connection stays.
   *
   * @throws UsageError BAD_FIELD if the list is empty, or an address is not valid or can never be reached; the old servers stay
   */
  setServers(servers: ServerUrl | readonly ServerUrl[]): void;
  /** Iterates over what happens to the connection from now on. At most 1,024 statuses wait to be read; later ones are dropped. */
  status(): AsyncIterableIterator<Status>;
  /** Returns what `console.log` and `JSON.stringify` show: name, server, state, number of subscriptions, and `stats`. */
  toJSON(): object;
  /** Calls the listener for everything that happens to the connection. Returns a function that removes the listener. */
  onStatus(listener: (status: Status) => void, options?: StatusListenerOptions): () => void;
}
