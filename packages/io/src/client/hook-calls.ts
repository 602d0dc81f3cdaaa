// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, encodeHeaders, MsgHeaders } from "@natswire/codec";
import type { Message, Payload, PublishOptions } from "../message.ts";
import { checkFunction, checkOptions } from "../options.ts";
import { blockOf, bytesOf } from "../outgoing.ts";
import type { Connection, Status } from "./connection.ts";
import type { ConnectionHooks, OutgoingMessage } from "./connection-hooks.ts";
import type { Subscription } from "./subscription.ts";

type Report = (error: unknown) => void;

const names = ["publish", "request", "deliver", "status"] as const;

/**
 * Checks the option `hooks`.
 *
 * @throws UsageError BAD_FIELD if it is not an object of known functions
 */
export function checkHooks(hooks: ConnectionHooks | undefined): void {
  checkOptions(hooks, names, "hooks");
  if (hooks !== undefined) for (const name of names) checkFunction(name, hooks[name]);
}

/** Runs the hooks of a connection. */
export class HookCalls {
  /** Each of them may be `undefined` at one time, and a function later. */
  readonly hooks: ConnectionHooks | undefined;
  /** The hook at the last `refresh`. */
  publish: ConnectionHooks["publish"];
  readonly #connection: Connection;
  readonly #report: Report;

  /** @param report is called with what a hook throws or rejects with */
  constructor(hooks: ConnectionHooks | undefined, connection: Connection, report: Report) {
    this.hooks = hooks;
    this.#connection = connection;
    this.#report = report;
  }

  /**
   * Reads the hooks again; returns whether there is one for `deliver`. Reading them for each message would cost up to 5 % (`hooks,
   * publish 16 B`).
   */
  refresh(): boolean {
    this.publish = this.hooks?.publish;
    return this.hooks?.deliver !== undefined;
  }

  /** Runs `publish` or `request` around `send`, which gets the payload and the options with the headers of the hook. */
  send<Result, Options extends Pick<PublishOptions, "reply" | "headers">>(
    hook: (message: OutgoingMessage, next: () => Result) => unknown,
    [subject, payload, options]: readonly [subject: string, payload: Payload, options: Options | undefined],
    send: (payload: Uint8Array, options: Options) => Result,
  ): Result {
    const bytes = bytesOf(payload);
    const message = new HookedMessage(this.#connection, subject, options?.reply, bytes, blockOf(options?.headers));
    // The hook may change the headers, and nothing else.
    const work = (): Result => send(bytes, { ...(options as Options), headers: message.toSend(this.#report) });
    return around(hook, message, work, this.#report);
  }

  /** Returns a subscription's callback inside `deliver`. */
  callback(callback: (message: Message) => unknown, subscription: Subscription): (message: Message) => unknown {
    return (message) => {
      const hook = this.hooks?.deliver;
      if (hook === undefined) return callback(message);
      const delivery = { connection: this.#connection, subscription, message };
      return around(hook, delivery, () => callback(message), this.#report);
    };
  }

  status(status: Status): void {
    this.hooks?.status?.({ connection: this.#connection, status });
  }
}

/** A message as a hook gets it. */
class HookedMessage implements OutgoingMessage {
  readonly connection: Connection;
  readonly subject: string;
  readonly reply: string | undefined;
  readonly payload: Uint8Array;
  // The headers of the program.
  readonly #block: Uint8Array | undefined;
  #headers: MsgHeaders | undefined;

  constructor(
    connection: Connection,
    subject: string,
    reply: string | undefined,
    payload: Uint8Array,
    block: Uint8Array | undefined,
  ) {
    this.connection = connection;
    this.subject = subject;
    this.reply = reply;
    this.payload = payload;
    this.#block = block;
  }

  get headers(): MsgHeaders {
    this.#headers ??= (this.#block && decodeHeaders(this.#block)) ?? new MsgHeaders();
    return this.#headers;
  }

  /** Returns the headers to send: those of the program if the hook did not read them, or if its own cannot be encoded. */
  toSend(report: Report): Uint8Array | undefined {
    const headers = this.#headers;
    if (headers === undefined) return this.#block;
    try {
      return headers.size + (headers.status ?? 0) > 0 ? encodeHeaders(headers) : undefined;
    } catch (error) {
      report(error);
      return this.#block;
    }
  }
}

/** Returns whether a value is a promise, of any library. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

/** Runs a hook around some work. Returns the result of the work, or throws its error, whatever the hook does. */
function around<Subject, Result>(
  hook: (subject: Subject, next: () => Result) => unknown,
  subject: Subject,
  work: () => Result,
  report: Report,
): Result {
  let outcome: (() => Result) | undefined;
  let failure: unknown;
  const fail = (error: unknown): never => {
    failure = error;
    throw error;
  };
  const next = (): Result => {
    outcome ??= outcomeOf(work, fail);
    return outcome();
  };
  const reportOwn = (error: unknown): void => {
    if (error !== failure) report(error);
  };
  try {
    const ended = hook(subject, next);
    if (isThenable(ended)) ended.then(undefined, reportOwn);
  } catch (error) {
    reportOwn(error);
  }
  const result = next();
  // A promise of its own: a rejection that the program does not handle is still reported.
  return isThenable(result) ? (result.then() as Result) : result;
}

/** Does the work. Returns a function that returns its result, or fails with its error. */
function outcomeOf<Result>(work: () => Result, fail: (error: unknown) => never): () => Result {
  try {
    const result = work();
    if (!isThenable(result)) return () => result;
    // Some libraries start to work when `then` is called: call it once.
    const promise = Promise.resolve(result).catch(fail);
    // The program gets the rejection from another promise.
    promise.catch(() => {});
    return () => promise as Result;
  } catch (error) {
    return () => fail(error);
  }
}
