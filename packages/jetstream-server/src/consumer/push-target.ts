// SPDX-License-Identifier: Apache-2.0
import { randomText } from "@natswire/server";
import type { JetStreamAccount } from "../account.ts";
import { noBytes } from "../bytes.ts";
import { statusHeaders } from "./status.ts";

/** The most bytes that are in flight with flow control; a consumer starts with a sixteenth of it. */
const MAX_WINDOW = 32 * 1024 * 1024;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

/** Where the messages of a push consumer go: whether somebody is subscribed, and flow control. */
export class PushTarget {
  readonly #account: JetStreamAccount;
  readonly #flowPrefix: string;
  #subject: string;
  readonly #queue: string | undefined;
  #isActive: boolean;
  #unwatch: () => void;
  readonly #changed: () => void;
  #stopFlow: (() => void) | undefined;
  // Flow control: bytes that may be and are in flight, the subject that must be answered, and the bytes it stands for.
  #window = 0;
  #inFlight = 0;
  #awaiting: string | undefined;
  #awaitedBytes = 0;

  /**
   * @param subject where messages are published to
   * @param queue the group whose members receive them; `undefined` for subscriptions without a group
   * @param names of the stream and the consumer
   * @param changed is called if somebody subscribes, the last subscription is gone, or more bytes may be in flight
   */
  constructor(
    account: JetStreamAccount,
    subject: string,
    queue: string | undefined,
    names: string,
    hasFlowControl: boolean,
    changed: () => void,
  ) {
    this.#account = account;
    this.#subject = subject;
    this.#queue = queue;
    this.#changed = changed;
    this.#flowPrefix = `$JS.FC.${names}.`;
    this.#isActive = this.#hasInterest();
    this.#unwatch = this.#watch();
    if (!hasFlowControl) return;
    this.#window = MAX_WINDOW / 16;
    this.#stopFlow = account.engine.subscribe(account.name, `${this.#flowPrefix}*`, ({ subject: answered }) =>
      this.#answered(answered),
    );
  }

  get subject(): string {
    return this.#subject;
  }

  /** Whether somebody is subscribed. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** Whether messages may be sent: somebody is subscribed, and not too many bytes are in flight. */
  get isOpen(): boolean {
    return this.#isActive && (this.#window === 0 || this.#inFlight <= this.#window);
  }

  /** The subject that a stalled client must answer, if flow control waits for one. */
  get awaiting(): string | undefined {
    return this.#awaiting;
  }

  /** Counts a message that was sent, and asks the client to confirm if half of the window is used. */
  sent(bytes: number): void {
    if (this.#window === 0) return;
    this.#inFlight += bytes;
    if (this.#awaiting !== undefined) {
      if (this.#inFlight - this.#awaitedBytes >= this.#window) this.#awaitedBytes += bytes;
      return;
    }
    if (this.#inFlight <= this.#window / 2) return;
    const { engine, name } = this.#account;
    this.#awaiting = this.#flowPrefix + randomText(engine.host.random, ALPHABET, 4);
    this.#awaitedBytes = this.#inFlight;
    const headers = statusHeaders("100 FlowControl Request");
    engine.publish(name, { subject: this.#subject, reply: this.#awaiting, headers, payload: noBytes });
  }

  /** Sends to another subject from now on. */
  move(subject: string): void {
    this.#unwatch();
    this.#subject = subject;
    this.#isActive = this.#hasInterest();
    this.#unwatch = this.#watch();
  }

  end(): void {
    this.#unwatch();
    this.#stopFlow?.();
  }

  #answered(subject: string): void {
    if (subject !== this.#awaiting) return;
    this.#window = Math.min(MAX_WINDOW, this.#window * 2);
    this.#inFlight = Math.max(0, this.#inFlight - this.#awaitedBytes);
    this.#awaiting = undefined;
    this.#awaitedBytes = 0;
    this.#changed();
  }

  #hasInterest(): boolean {
    return this.#account.engine.host.hasSubscriber(this.#account.name, this.#subject, this.#queue);
  }

  #watch(): () => void {
    return this.#account.engine.watch(this.#account.name, this.#subject, this.#queue, (exists) => {
      if (exists === this.#isActive) return;
      this.#isActive = exists;
      this.#changed();
    });
  }
}
