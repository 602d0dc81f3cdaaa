// SPDX-License-Identifier: Apache-2.0
import type { ServerStats } from "@natswire/server";
import type { Message, Payload, PublishOptions, ServerRequestOptions } from "../message.ts";
import type { Transcript } from "../testing/transcript.ts";
import type { Listen, Listener } from "../transport/transport.ts";
import type { ServerConnection } from "./server-connection.ts";
import type { ServerSubscribeOptions, ServerSubscription } from "./server-subscription.ts";

/**
 * An embedded server: it accepts clients, and the program publishes and subscribes on it without a connection.
 *
 * It is `AsyncDisposable`: disposing of it closes it. Errors of one client never reach another.
 */
export interface Server extends AsyncDisposable {
  /** The URL that clients connect to: `nats://host:port`, or with the scheme `tls`, `ws` or `wss`. */
  readonly url: string;
  /** The port of its first listener. */
  readonly port: number;
  /** Its counters, at this moment. */
  readonly stats: ServerStats;
  /** The open connections, in the order in which they were accepted. */
  readonly connections: readonly ServerConnection[];
  /**
   * Every frame that was sent.
   *
   * @throws Error if the server was started without `record: true`
   */
  readonly transcript: Transcript;
  /**
   * Listens on one more address, also with another transport: WebSocket, or a pipe.
   *
   * @param address 127.0.0.1 and a free port by default
   * @throws ConnectionError CLOSED if the server is closed
   * @throws UsageError BAD_FIELD if the address is not valid
   * @throws whatever `listen` throws
   */
  listen(
    listen: Listen,
    address?: { readonly host?: string | undefined; readonly port?: number | undefined },
  ): Promise<Listener>;
  /**
   * Publishes a message without a connection. Returns how many subscriptions received it.
   *
   * @throws UsageError if the subject, a header or an option is not valid, or the payload is not a string or Uint8Array
   * @throws ConnectionError CLOSED
   */
  publish(subject: string, payload?: Payload, options?: PublishOptions): number;
  /**
   * Sends a request without a connection, and resolves with the first reply.
   *
   * @throws ConnectionError NO_RESPONDERS if the subject has no subscriber, TIMEOUT if no reply comes in time, CLOSED if the
   * server is closed
   * @throws UsageError as `publish` does
   */
  request(subject: string, payload?: Payload, options?: ServerRequestOptions): Promise<Message>;
  /**
   * Subscribes to a subject or pattern without a connection.
   *
   * @param options the options, or the `callback` of them
   * @throws UsageError BAD_SUBJECT, BAD_QUEUE, BAD_FIELD; BAD_NUMBER if `max` is not a whole number above 0
   * @throws ConnectionError CLOSED
   */
  subscribe(pattern: string, options?: ServerSubscribeOptions | ((message: Message) => unknown)): ServerSubscription;
  /**
   * Sends clients the addresses of other servers (`connect_urls` of INFO): `host:port`, or the `url` of another server. A `ws` or
   * `wss` URL is for WebSocket clients only, a `nats` or `tls` URL for the others.
   *
   * @throws UsageError BAD_FIELD if an address is not valid, TOO_LARGE if they do not fit into an INFO
   */
  advertise(connectUrls: readonly string[]): void;
  /**
   * Stops listening, tells clients to leave (`ldm` of INFO), and closes their connections one by one. Resolves after the last.
   *
   * @param grace milliseconds before the first is closed; 10,000 by default
   * @param duration milliseconds from the first to the last; 120,000 by default
   * @throws UsageError BAD_NUMBER if one of them is not a number of 0 or more
   */
  lameDuck(grace?: number, duration?: number): Promise<void>;
  /**
   * Stops listening, sends what is queued, and closes every connection. Resolves after the last has ended.
   *
   * @param grace milliseconds on the machine's clock, after which connections that do not read are aborted; 1,000 by default
   */
  close(grace?: number): Promise<void>;
  /** Returns what `console.log` and `JSON.stringify` show: `url`, number of connections, and `stats`. */
  toJSON(): object;
}
