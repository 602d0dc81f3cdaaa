// SPDX-License-Identifier: Apache-2.0
import {
  Empty,
  type Msg,
  type MsgHdrs,
  MsgHdrsImpl,
  type Payload,
  type PublishOptions,
  type ReviverFn,
  TD,
  TE,
} from "@nats-io/nats-core/internal";
import { decodeHeaders } from "@natswire/codec";
import type { Message } from "@natswire/io/client";
import type { Publisher } from "./publisher.ts";

// Bytes. With a longer reply subject, an answer may not fit into a control line of 4,096 bytes.
const LONGEST_REPLY = 4000;

/** A message as nats.js delivers it. It keeps no large buffer alive, and publishes answers through its `publisher`. */
export class ReceivedMsg implements Omit<Msg, "headers"> {
  readonly subject: string;
  readonly sid: number;
  /** The subject to reply to; empty without one, or if nothing can be published to it. */
  readonly reply: string;
  readonly data: Uint8Array;
  readonly publisher: Publisher;
  readonly #block: Uint8Array | undefined;
  #headers: MsgHdrs | undefined;

  constructor(message: Message, sid: number, publisher: Publisher) {
    this.subject = message.subject;
    this.sid = sid;
    this.reply = usableReply(message);
    this.data = detached(message.payload);
    this.publisher = publisher;
    this.#block = message.headerBlock && detached(message.headerBlock);
  }

  get headers(): MsgHdrs | undefined {
    if (this.#headers === undefined && this.#block !== undefined) this.#headers = readHeaders(this.#block);
    return this.#headers;
  }

  respond(payload: Payload = Empty, options?: PublishOptions): boolean {
    if (this.reply === "" || this.publisher.isClosed()) return false;
    this.publisher.publish(this.reply, payload, options);
    return true;
  }

  /** Returns the bytes of subject, reply, headers and payload, as the server counts them for `max_bytes`. */
  size(): number {
    return TE.encode(this.subject + this.reply).length + (this.#block?.length ?? 0) + this.data.length;
  }

  string(): string {
    return TD.decode(this.data);
  }

  json<T>(reviver?: ReviverFn): T {
    return JSON.parse(this.string(), reviver) as T;
  }
}

/** Returns the bytes in memory of their own if they are the smaller part of a buffer, which they would keep alive. */
function detached(bytes: Uint8Array): Uint8Array {
  return 2 * bytes.byteLength < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes;
}

function usableReply({ reply = "", flaw }: Message): string {
  if (flaw === "reply" || flaw === "both") return "";
  return reply.length <= LONGEST_REPLY / 3 || TE.encode(reply).length <= LONGEST_REPLY ? reply : "";
}

/** Returns the headers of a block. Lines that cannot be read are skipped: `MsgHdrsImpl.decode` would throw. */
function readHeaders(block: Uint8Array): MsgHdrs | undefined {
  const decoded = decodeHeaders(block);
  if (decoded === undefined) return undefined;
  const read = new MsgHdrsImpl(decoded.status, decoded.description);
  for (const [name, value] of decoded) {
    const values = read.headers.get(name);
    if (values === undefined) read.headers.set(name, [value]);
    else values.push(value);
  }
  return read;
}
