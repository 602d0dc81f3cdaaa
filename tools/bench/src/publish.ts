// SPDX-License-Identifier: Apache-2.0
import { DataBuffer, MsgHdrsImpl, ProtocolHandler } from "@nats-io/nats-core/internal";
import type { ClientFrame } from "@natswire/codec";
import { headers as block, type Codec } from "./parse.ts";
import type { Contestant } from "./race.ts";

/** Messages that one run encodes before it takes the bytes. */
export const BATCH = 500;

/** The messages to publish. */
export interface Publish {
  readonly size: number;
  readonly subjects: number;
  /** Whether the subject is a new string for each message. */
  readonly built?: boolean;
  /** The first subject is used for one message in this many, and the others in order; default: all in order. */
  readonly firstOf?: number;
  readonly reply?: boolean;
  readonly headers?: boolean;
}

/** Returns the contestants that encode PUB: the publish of the official client, without its socket, and the encoder. */
export function publish(
  { size, subjects, built = false, firstOf, reply = false, headers = false }: Publish,
  codec: Codec,
): Contestant[] {
  const numbers = Array.from({ length: subjects }, (_, i) => String(i).padStart(4, "0"));
  const names = numbers.map((number) => `orders.europe.${number}`);
  let sent = 0;
  const name = built
    ? (i: number): string => `orders.europe.${numbers[i % subjects]!}`
    : firstOf === undefined
      ? (i: number): string => names[i % subjects]!
      : (): string => names[sent++ % firstOf === 0 ? 0 : sent % subjects]!;
  const payload = new Uint8Array(size).fill(0x61);
  const inbox = reply ? "_INBOX.Q7VbY1x0.123" : undefined;
  return [
    official(name, payload, {
      ...(inbox === undefined ? {} : { reply: inbox }),
      ...(headers ? { headers: theirs() } : {}),
    }),
    ours(name, payload, inbox, headers ? block : undefined, codec),
  ];
}

function theirs(): MsgHdrsImpl {
  const made = new MsgHdrsImpl();
  made.append("Nats-Msg-Id", "0123456789");
  return made;
}

function official(name: (i: number) => string, payload: Uint8Array, options: object): Contestant {
  // The constructor would connect; these are the fields that publish uses.
  const outbound = new DataBuffer();
  const info = { headers: true, max_payload: 1_048_576 };
  const limits = { infoReceived: false, pendingLimit: Number.POSITIVE_INFINITY, info };
  const quiet = { outbound, outBytes: 0, outMsgs: 0, ...limits };
  const handler: ProtocolHandler = Object.assign(Object.create(ProtocolHandler.prototype), quiet);
  return {
    name: "nats-core",
    run: () => {
      for (let i = 0; i < BATCH; i++) handler.publish(name(i), payload, options);
      return outbound.drain().length;
    },
  };
}

function ours(
  name: (i: number) => string,
  payload: Uint8Array,
  reply: string | undefined,
  headers: Uint8Array | undefined,
  { Encoder }: Codec,
): Contestant {
  const encoder = new Encoder<ClientFrame>();
  return {
    name: "Encoder",
    run: () => {
      for (let i = 0; i < BATCH; i++) {
        encoder.push({ op: "pub", subject: name(i), reply, headers, payload, flaw: undefined });
      }
      let sum = 0;
      for (let bytes = encoder.pull(); bytes !== undefined; bytes = encoder.pull()) sum += bytes.length;
      encoder.release(sum);
      return sum;
    },
  };
}
