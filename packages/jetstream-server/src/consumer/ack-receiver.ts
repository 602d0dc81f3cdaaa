// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import { ackKind, nakDelay, termReason } from "./ack-payload.ts";
import type { ConsumerState } from "./consumer-state.ts";

/**
 * Receives an ack of a client, and answers it if it has a reply.
 *
 * @param pull is called with a request for messages that is part of the ack
 */
export function receiveAck(
  state: ConsumerState,
  { subject, reply, payload }: Pub,
  pull: (reply: string, payload: Uint8Array) => void,
): void {
  const { subjects, acks } = state;
  if (!subjects.read(subject)) return;
  const { now } = state.engine;
  const { stream, consumer, deliveries } = subjects;
  const ids = { consumer_seq: consumer, stream_seq: stream, deliveries };
  state.inactivity.used(now);
  let isAnswered = true;
  switch (ackKind(payload)) {
    case "ack":
      isAnswered = acknowledge(state, stream, consumer);
      break;
    case "next":
      acknowledge(state, stream, consumer);
      if (reply !== undefined) pull(reply, payload.subarray(4));
      return;
    case "term":
      isAnswered = acknowledge(state, stream, consumer);
      state.advise("MSG_TERMINATED", "terminated", { ...ids, reason: termReason(payload) });
      break;
    case "progress":
      acks.progress(stream, now);
      state.deliveredAt = state.engine.host.wall;
      break;
    case "nak":
      if (!acks.nak(stream, consumer, nakDelay(payload), now)) break;
      state.advise("MSG_NAKED", "nak", ids);
      state.alarm.set(acks.deadline);
      state.wake();
  }
  if (isAnswered && reply !== undefined) state.send(reply);
}

/** Returns whether the client is answered: not if the message was not delivered yet. */
function acknowledge(state: ConsumerState, stream: number, consumer: number): boolean {
  if (stream >= state.cursor.next) return false;
  const wasFull = state.isFull;
  state.acks.acknowledge(stream, consumer, state.acknowledged);
  state.ackedAt = state.engine.host.wall;
  if (wasFull) state.wake();
  return true;
}
