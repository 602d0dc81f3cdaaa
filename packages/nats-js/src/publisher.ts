// SPDX-License-Identifier: Apache-2.0
import {
  type ConnectionOptions,
  type Msg,
  MsgHdrsImpl,
  type Payload,
  type PublishOptions,
  type RequestOne,
} from "@nats-io/nats-core/internal";
import type { Connection, Message } from "@natswire/io/client";
import { toNatsError } from "./errors.ts";
import { ReceivedMsg } from "./received-msg.ts";

/** The options of a publish that become headers. */
type HeaderOptions = Pick<PublishOptions, "headers" | "traceOnly" | "traceDestination">;

// Milliseconds, the longest time of a timer: the request's own timer ends it before.
const LONGEST_WAIT = 0x7fffffff;

/**
 * Publishes for the connection and for its messages.
 *
 * `ackAck()` of JetStream uses the publisher of a message as if it were nats-core's `ProtocolHandler`: it adds a `RequestOne`, and
 * publishes the request itself, with `baseInbox` and the token of the request as the reply subject. With an empty `baseInbox`,
 * that is the token, by which the request is found. It then runs as a request of natswire, which reports a missing permission
 * or a lost connection at once.
 */
export class Publisher {
  readonly options: ConnectionOptions;
  readonly muxSubscriptions: { readonly baseInbox: ""; cancel(request: { readonly token: string }): void } = {
    baseInbox: "",
    cancel: ({ token }) => this.#cancel(token),
  };
  readonly #connection: Connection;
  readonly #requests = new Map<string, RequestOne>();
  readonly #replies = new Map<string, AsyncIterator<Message>>();

  constructor(connection: Connection, options: ConnectionOptions) {
    this.#connection = connection;
    this.options = options;
  }

  isClosed(): boolean {
    return this.#connection.isClosed;
  }

  publish(subject: string, payload?: Payload, options: PublishOptions = {}): void {
    const { reply = "" } = options;
    const request = this.#requests.get(reply);
    const headers = headerBlock(options);
    try {
      if (request !== undefined) this.#ask(request, subject, payload);
      else this.#connection.publish(subject, payload, { reply: reply === "" ? undefined : reply, headers });
    } catch (error) {
      throw toNatsError(error, subject);
    }
  }

  /** Adds a request, which `publish` then sends. */
  request(request: RequestOne): RequestOne {
    this.#requests.set(request.token, request);
    return request;
  }

  #ask(request: RequestOne, subject: string, payload: Payload | undefined): void {
    const replies = this.#connection.requestMany(subject, payload, { maxMessages: 1, maxWait: LONGEST_WAIT });
    this.#replies.set(request.token, replies);
    replies.next().then(
      ({ value }) => value && request.resolver(null, new ReceivedMsg(value, 0, this) as Msg),
      (error) => request.resolver(toNatsError(error, subject), {} as Msg),
    );
  }

  #cancel(token: string): void {
    this.#requests.delete(token);
    void this.#replies.get(token)?.return?.();
    this.#replies.delete(token);
  }
}

/** Returns the headers of a message as a block; `undefined` if it has none. */
export function headerBlock({ headers, traceOnly, traceDestination }: HeaderOptions): Uint8Array | undefined {
  let all = headers as MsgHdrsImpl | undefined;
  if (traceOnly === true || traceDestination !== undefined) {
    const copy = new MsgHdrsImpl();
    for (const [name, values] of headers ?? []) copy.headers.set(name, [...values]);
    if (traceOnly === true) copy.set("Nats-Trace-Only", "true");
    if (traceDestination !== undefined) copy.set("Nats-Trace-Dest", traceDestination);
    all = copy;
  }
  return all?.encode();
}
