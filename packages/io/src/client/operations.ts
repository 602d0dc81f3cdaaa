// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { MessageData, SubscriptionId, Ticket } from "@natswire/session";
import type { Clock } from "../clock.ts";
import type { Message, Payload } from "../message.ts";
import { checkOptions } from "../options.ts";
import { FailedOutcome } from "../outcome.ts";
import { NOTHING, outgoing, refilled } from "../outgoing.ts";
import { type AbortSignalLike, checkWait, onAbort, onDeadline, type WaitOptions } from "../wait.ts";
import type { RequestManyOptions, RequestOptions } from "./connection.ts";
import { defer } from "./defer.ts";
import type { HookCalls } from "./hook-calls.ts";
import { Pending, type Waiter } from "./pending.ts";
import { manyOf, Replies } from "./replies.ts";
import type { SessionDriver } from "./session-driver.ts";

/** What the operations of a connection need of it. */
interface OperationHost {
  readonly driver: SessionDriver;
  readonly clock: Clock;
  /** Whether errors show where an operation was called. */
  readonly hasTraces: boolean;
  readonly hooks: HookCalls;
  readonly received: (message: MessageData) => Message;
}

const requestOptions: readonly (keyof RequestOptions)[] = ["timeout", "headers", "noMux", "reply", "signal"];
const manyOptions: readonly (keyof RequestManyOptions)[] = [
  ...(["strategy", "maxWait", "maxMessages", "stall"] as const),
  ...(["headers", "noMux", "reply", "signal"] as const),
];

const nothing = (): undefined => {};

/** Resolves after the operation of a waiter has ended, and what awaits it has continued. */
function ended(waiter: Waiter): Promise<void> {
  return new Promise((resolve) => {
    const { stopWaiting } = waiter;
    waiter.stopWaiting = () => {
      stopWaiting?.();
      defer(resolve);
    };
  });
}

/** Starts requests, flushes and drains, and returns what waits for each. */
export class Operations {
  readonly #host: OperationHost;
  readonly #message = outgoing(NOTHING);

  constructor(host: OperationHost) {
    this.#host = host;
  }

  request(subject: string, payload: Payload, options: RequestOptions): Promise<Message> {
    const { hooks } = this.#host;
    try {
      checkOptions(options, requestOptions, "request");
      const hook = hooks.hooks?.request;
      if (hook === undefined) return this.#request(subject, payload, options);
      return hooks.send(hook, [subject, payload, options], (...changed) => this.#request(subject, ...changed));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #request(subject: string, payload: Payload, options: RequestOptions): Promise<Message> {
    const { driver, received } = this.#host;
    const { signal } = options;
    const pending = this.#pending(received);
    const message = refilled(this.#message, payload, options);
    const ticket = driver.session.request(subject, message, options, driver.now(), pending);
    if (signal !== undefined) this.#cancelOn(signal, ticket, pending);
    driver.schedule();
    return pending.outcome;
  }

  requestMany(subject: string, payload: Payload, options: RequestManyOptions): Replies {
    const { hooks } = this.#host;
    checkOptions(options, manyOptions, "requestMany");
    const hook = hooks.hooks?.request;
    if (hook === undefined) return this.#requestMany(subject, payload, options);
    let replies: Replies | undefined;
    void hooks.send(hook, [subject, payload, options], (...changed) => {
      replies = this.#requestMany(subject, ...changed);
      return ended(replies).then(nothing);
    });
    return replies as Replies;
  }

  #requestMany(subject: string, payload: Payload, options: RequestManyOptions): Replies {
    const { driver, received } = this.#host;
    const { maxWait: timeout, noMux, reply, signal } = options;
    if (timeout !== undefined && !(typeof timeout === "number" && timeout > 0))
      throw new UsageError("BAD_NUMBER", `maxWait must be a number above 0, not ${String(timeout)}`);
    const message = refilled(this.#message, payload, options);
    const replies: Replies = new Replies(received, () => driver.session.cancel(ticket));
    const asking = { timeout, noMux, reply, many: manyOf(options) };
    const ticket = driver.session.request(subject, message, asking, driver.now(), replies);
    if (signal !== undefined) this.#cancelOn(signal, ticket, replies);
    driver.schedule();
    return replies;
  }

  async flush(options: WaitOptions): Promise<void> {
    const { driver, clock } = this.#host;
    checkWait(options, "flush");
    const pending = this.#pending<void>(nothing);
    driver.session.flush(driver.now(), pending);
    driver.schedule();
    pending.stopWaiting = onDeadline(options, clock, (failure) => pending.fail(failure));
    await pending.outcome;
  }

  /** Resolves after the last message of a subscription (or of all) has come, or the connection has ended. */
  drained(sid: SubscriptionId | undefined): Promise<void> {
    const { driver } = this.#host;
    const pending = this.#pending<void>(nothing);
    driver.session.drain(driver.now(), sid, pending);
    driver.schedule();
    return pending.outcome.catch(nothing);
  }

  /** Resolves after the requests in progress have ended. */
  settled(): Promise<unknown> {
    const waiters = this.#host.driver.session.callers as Waiter[];
    return Promise.all(waiters.map(ended));
  }

  #pending<T>(read: (message: MessageData) => T): Pending<T> {
    return new Pending(read, this.#host.hasTraces ? new Error("called") : undefined);
  }

  /** Cancels an operation if the signal is aborted, and rejects what waits for it. */
  #cancelOn(signal: AbortSignalLike, ticket: Ticket, waiter: Waiter): void {
    waiter.stopWaiting = onAbort(signal, (reason) => {
      this.#host.driver.session.cancel(ticket);
      waiter.fail(new FailedOutcome(() => reason));
    });
  }
}
