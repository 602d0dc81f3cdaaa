// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, type HeadersInput, type MsgHeaders, printAs, withoutUndefined } from "@natswire/codec";
import { checkOptions } from "./options.ts";
import { decoder, encoder, host } from "./platform.ts";

/** A payload: bytes, or text that is sent as UTF-8. */
export type Payload = Uint8Array | string;

/** Every option of `publish`. */
export const publishOptions: readonly (keyof PublishOptions)[] = ["reply", "headers", "borrow"];

/** Options of a published message. */
export interface PublishOptions {
  /** The subject for answers. */
  readonly reply?: string | undefined;
  /**
   * The headers, which the server must support: an object like `{ Accept: ["a", "b"] }`, pairs, `MsgHeaders` or `Headers`. A raw
   * block, for example the `headerBlock` of a message to forward, is sent as it is.
   */
  readonly headers?: HeadersInput | Uint8Array | undefined;
  /** Does not copy a client's payload above 8 KiB: it must not change before it is flushed. False by default. */
  readonly borrow?: boolean | undefined;
}

/** Options of a request on an embedded server. */
export interface ServerRequestOptions {
  /** The headers of the request, as for `PublishOptions`. */
  readonly headers?: PublishOptions["headers"];
  /** Milliseconds to wait for the reply, on the machine's clock; 2,000 by default. */
  readonly timeout?: number | undefined;
}

/** Publishes the answer to a message. Returns false if it was not sent. */
export type Respond = (message: Message, payload?: Payload, options?: PublishOptions) => boolean;

/** A message that a subscription received. */
export interface Message {
  readonly subject: string;
  /** The subject to reply to; `undefined` if no reply is expected. */
  readonly reply: string | undefined;
  /**
   * The payload. It is a view of a buffer of up to 64 KB, which nothing writes to again: `slice()` a payload that you
   * keep for long.
   */
  readonly payload: Uint8Array;
  /**
   * Which of the names holds control bytes, invalid UTF-8 or an empty token: a server relays what a publisher sends.
   * `undefined` if neither does. In a name that is not UTF-8, each byte >= 0x80 is the lone surrogate U+DC00 + byte.
   */
  readonly flaw: "subject" | "reply" | "both" | undefined;
  /** The raw header block, whatever it holds; `undefined` if the message has no headers. */
  readonly headerBlock: Uint8Array | undefined;
  /**
   * The headers, decoded at first use. Lines that cannot be read are counted in `headers.skipped`. `undefined` if the message has
   * no headers, or its block does not begin with `NATS/1.0`.
   */
  readonly headers: MsgHeaders | undefined;
  /** Returns the payload as text, with a byte order mark if it has one; invalid UTF-8 becomes U+FFFD. */
  text(): string;
  /**
   * Returns the payload as JSON. A byte order mark before it is ignored.
   *
   * @throws SyntaxError if the payload is not valid JSON
   */
  json<T = unknown>(): T;
  /** Returns what `JSON.stringify` shows. */
  toJSON(): MessageJson;
  /**
   * Publishes an answer to `reply`, which the sender of the message chose.
   *
   * @returns false if the message has no reply subject or one that cannot be published to, if too many bytes wait to be sent, or if the
   * connection is closed
   * @throws UsageError if payload, headers or an option are not valid, or the message is too large
   */
  respond(payload?: Payload, options?: PublishOptions): boolean;
}

/** A message as `JSON.stringify` shows it. It has either `text` or `base64`. */
export interface MessageJson {
  readonly subject: string;
  readonly reply?: string | undefined;
  /** The status of the headers, for example 503. */
  readonly status?: number | undefined;
  /** The text after the status. */
  readonly description?: string | undefined;
  /** The headers that can be read: a name with several values has an array of them. */
  readonly headers?: { readonly [name: string]: string | readonly string[] } | undefined;
  /** The payload, if it is valid UTF-8. */
  readonly text?: string | undefined;
  /** The payload in base64, if it is not valid UTF-8. */
  readonly base64?: string | undefined;
}

/** The parts of a message. */
interface MessageParts {
  readonly subject: string;
  readonly reply?: string | undefined;
  readonly headers?: Uint8Array | undefined;
  readonly payload: Uint8Array;
  readonly flaw?: "subject" | "reply" | "both" | undefined;
}

const BYTE_ORDER_MARK = 0xfeff;
// Characters of a text, and bytes of another payload, that `console.log` shows.
const SHOWN_CHARACTERS = 200;
const SHOWN_BYTES = 16;

/** A message as a connection or a server delivers it to the program. */
export class DeliveredMessage implements Message {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly payload: Uint8Array;
  readonly flaw: "subject" | "reply" | "both" | undefined;
  readonly #block: Uint8Array | undefined;
  readonly #respond: Respond;
  #headers: MsgHeaders | undefined;

  constructor(message: MessageParts, respond: Respond) {
    this.subject = message.subject;
    this.reply = message.reply;
    this.payload = message.payload;
    this.flaw = message.flaw;
    this.#block = message.headers;
    this.#respond = respond;
  }

  get headerBlock(): Uint8Array | undefined {
    return this.#block;
  }

  get headers(): MsgHeaders | undefined {
    if (this.#headers === undefined && this.#block !== undefined) this.#headers = decodeHeaders(this.#block);
    return this.#headers;
  }

  text(): string {
    return decoder.decode(this.payload);
  }

  json<T = unknown>(): T {
    const text = this.text();
    return JSON.parse(text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text) as T;
  }

  toJSON(): MessageJson {
    const { subject, reply, headers, payload } = this;
    const text = exactText(payload);
    const base64 =
      text === undefined ? host.btoa(Array.from(payload, (byte) => String.fromCharCode(byte)).join("")) : undefined;
    const { status, description } = headers ?? {};
    return withoutUndefined({ subject, reply, status, description, headers: headers?.toJSON(), text, base64 });
  }

  respond(payload?: Payload, options?: PublishOptions): boolean {
    checkOptions(options, publishOptions, "respond");
    return this.reply !== undefined && this.#respond(this, payload, options);
  }
}

// Not in a static block: React Native's Babel preset does not accept one.
printAs("Message", DeliveredMessage.prototype, shown);

/** Returns the fields that `console.log` shows: the payload is cut. */
function shown(message: DeliveredMessage): object {
  const { text, base64, ...envelope } = message.toJSON();
  const { length: size } = message.payload;
  const beginning = text !== undefined && text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  const hex = Array.from(message.payload.subarray(0, SHOWN_BYTES), (byte) => byte.toString(16).padStart(2, "0"));
  const bytes = `${hex.join(" ")}${size > SHOWN_BYTES ? " …" : ""}`;
  return { ...envelope, text: beginning, bytes: base64 && bytes, size };
}

/** Returns bytes as text, or `undefined` if they are not valid UTF-8. */
function exactText(bytes: Uint8Array): string | undefined {
  const text = decoder.decode(bytes);
  const again = encoder.encode(text);
  return again.length === bytes.length && again.every((byte, i) => byte === bytes[i]) ? text : undefined;
}
