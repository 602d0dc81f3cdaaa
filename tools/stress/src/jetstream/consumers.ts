// SPDX-License-Identifier: Apache-2.0
import { type ConsumerMessages, type JsMsg, jetstream } from "@nats-io/jetstream";
import { read } from "../message.ts";
import type { ConsumerName, Ledger } from "./ledger.ts";
import type { Link } from "./link.ts";
import type { Books, Worker } from "./worker.ts";

export const STREAM = "soak";
// Missing heartbeats are noticed after this many milliseconds.
const options = { max_messages: 100, expires: 5000 };

abstract class ConsumerWorker implements Worker {
  abstract readonly name: ConsumerName;
  readonly link: Link;
  done = 0;
  protected readonly ledger: Ledger;
  protected readonly books: Books;

  constructor(link: Link, ledger: Ledger, books: Books) {
    this.link = link;
    this.ledger = ledger;
    this.books = books;
  }

  abstract stop(): Promise<void>;

  /** Returns the number of a message after it was noted; `undefined` if it is not one of those published. */
  protected receive(message: JsMsg): number | undefined {
    const id = read(message.string());
    if (id === undefined) this.books.findings.report(`${this.name} received an unknown message`);
    else this.ledger.delivered(this.name, id.number, message.info);
    return id?.number;
  }
}

/** Consumes in a loop, and acknowledges without an answer. */
export class LoopingConsumer extends ConsumerWorker {
  readonly name = "looping";
  #messages: ConsumerMessages | undefined;
  #ended: Promise<void> | undefined;

  async start(): Promise<this> {
    const consumer = await jetstream(this.link.nc).consumers.get(STREAM, this.name);
    this.#messages = await consumer.consume(options);
    this.#ended = this.#consume(this.#messages);
    return this;
  }

  async stop(): Promise<void> {
    const messages = this.#messages;
    this.#messages = undefined;
    await this.books.pending.watch("close() of the loop", messages!.close());
    await this.books.pending.watch("the end of the loop", this.#ended!);
  }

  async #consume(messages: ConsumerMessages): Promise<void> {
    const { findings } = this.books;
    try {
      for await (const message of messages) {
        this.receive(message);
        message.ack();
        this.done++;
      }
      findings.check(this.#messages === undefined, "the loop of a consumer ended by itself");
    } catch (error) {
      findings.report(`the loop of a consumer threw ${error}`);
    }
  }
}

/**
 * Consumes with a callback, and waits for the server's answer to each acknowledgement. Messages and answers come in the order
 * in which the server sent them, so a message that comes after the answer was sent after it.
 */
export class ConfirmingConsumer extends ConsumerWorker {
  readonly name = "confirming";
  #messages: ConsumerMessages | undefined;

  async start(): Promise<this> {
    const consumer = await jetstream(this.link.nc).consumers.get(STREAM, this.name);
    const callback = (message: JsMsg): void => void this.#confirm(message, this.receive(message));
    this.#messages = await consumer.consume({ ...options, callback });
    return this;
  }

  async stop(): Promise<void> {
    await this.books.pending.watch("close() of the callback", this.#messages!.close());
  }

  async #confirm(message: JsMsg, number: number | undefined): Promise<void> {
    if (number === undefined) return;
    try {
      const isConfirmed = await this.books.pending.watch(`ackAck() of message ${number}`, message.ackAck());
      this.books.findings.check(isConfirmed, `ackAck() of message ${number} is not confirmed`);
      this.ledger.confirmed(number);
      this.done++;
    } catch {
      // It is delivered again.
    }
  }
}
