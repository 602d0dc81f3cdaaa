// SPDX-License-Identifier: Apache-2.0
import { DataBuffer, ProtocolHandler } from "@nats-io/nats-core/internal";
import { type ClientFrame, Encoder } from "@natswire/codec";
import type { Contestant } from "./race.ts";

/** How many messages one run writes before it hands the bytes on. */
export const BATCH = 500;

/** Writing PUB: the official client's own publish, with everything around the bytes switched off, and the encoder. */
export function publish(size: number, subjects: number): Contestant[] {
  const names = Array.from({ length: subjects }, (_, i) => `orders.europe.${String(i).padStart(4, "0")}`);
  const payload = new Uint8Array(size).fill(0x61);
  // Its constructor would dial; these are the fields that publish touches.
  const outbound = new DataBuffer();
  const quiet = { outbound, outBytes: 0, outMsgs: 0, infoReceived: false, pendingLimit: Number.POSITIVE_INFINITY };
  const handler: ProtocolHandler = Object.assign(Object.create(ProtocolHandler.prototype), quiet);
  const encoder = new Encoder<ClientFrame>();
  return [
    {
      name: "nats-core publish",
      run: () => {
        for (let i = 0; i < BATCH; i++) handler.publish(names[i % subjects]!, payload);
        return outbound.drain().length;
      },
    },
    {
      name: "Encoder",
      run: () => {
        const none = undefined;
        for (let i = 0; i < BATCH; i++) {
          const subject = names[i % subjects]!;
          encoder.push({ op: "pub", subject, reply: none, headers: none, payload, flaw: none });
        }
        let sum = 0;
        for (let bytes = encoder.pull(); bytes !== undefined; bytes = encoder.pull()) sum += bytes.length;
        encoder.release(sum);
        return sum;
      },
    },
  ];
}
