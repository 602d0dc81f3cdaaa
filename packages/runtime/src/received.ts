// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, type MsgHeaders } from "@natswire/codec";
import { decoder } from "./platform.ts";

/** What can be published: text goes out as UTF-8. */
export type Payload = Uint8Array | string;

/** What goes with a message. */
export interface PublishOptions {
  /** Where answers are expected. */
  readonly reply?: string | undefined;
  readonly headers?: MsgHeaders | undefined;
  /** A client's payload of more than 8 KiB is not copied, and must not be changed before it is flushed. */
  readonly borrow?: boolean | undefined;
}

/** What goes with a request of a server's program. */
export interface RequestOptions {
  readonly headers?: MsgHeaders | undefined;
  /** Milliseconds to wait for the answer, of the machine's clock; 2,000 where left out. */
  readonly timeout?: number | undefined;
}

/** How a message's answer is published. */
export type Publish = (subject: string, payload?: Payload, options?: PublishOptions) => void;

/** A message that was received. */
export class Received {
  readonly subject: string;
  /** Where an answer is expected. */
  readonly reply: string | undefined;
  /** A view of what was read, up to 64 KB: `slice()` what is kept for long. Nobody writes to it again. */
  readonly payload: Uint8Array;
  /**
   * Which of its names has bytes that no name should have: control bytes, bytes that are no UTF-8, an empty token. Other
   * publishers can make a server relay them.
   */
  readonly flaw: "subject" | "reply" | "both" | undefined;
  readonly #block: Uint8Array | undefined;
  readonly #publish: Publish;
  #headers: MsgHeaders | undefined;

  constructor(
    message: {
      readonly subject: string;
      readonly reply?: string | undefined;
      readonly headers?: Uint8Array | undefined;
      readonly payload: Uint8Array;
      readonly flaw?: "subject" | "reply" | "both" | undefined;
    },
    publish: Publish,
  ) {
    this.subject = message.subject;
    this.reply = message.reply;
    this.payload = message.payload;
    this.flaw = message.flaw;
    this.#block = message.headers;
    this.#publish = publish;
  }

  /** Its header block as it came, malformed or not; `undefined` where it has none. */
  get headerBlock(): Uint8Array | undefined {
    return this.#block;
  }

  /** Its headers, decoded when first asked for; `undefined` where it has none or they are malformed. */
  get headers(): MsgHeaders | undefined {
    if (this.#headers === undefined && this.#block !== undefined) this.#headers = decodeHeaders(this.#block);
    return this.#headers;
  }

  /** The payload as text; bytes that are no UTF-8 become U+FFFD. */
  text(): string {
    return decoder.decode(this.payload);
  }

  /**
   * The payload as JSON.
   *
   * @throws SyntaxError where it is none
   */
  json<T = unknown>(): T {
    return JSON.parse(this.text()) as T;
  }

  /**
   * Answers it.
   *
   * @returns false where nobody expects an answer
   */
  respond(payload?: Payload, options?: PublishOptions): boolean {
    if (this.reply === undefined) return false;
    this.#publish(this.reply, payload, options);
    return true;
  }
}
