// SPDX-License-Identifier: Apache-2.0
import { noBytes } from "../bytes.ts";
import type { Source } from "../engine.ts";
import type { Stored } from "../stream/stored.ts";
import type { ConsumerState } from "./consumer-state.ts";
import { headersOnly } from "./headers-only.ts";
import { pendingStatus } from "./status.ts";

/**
 * Delivers the next message of a consumer. Returns its size; 0 without one, or if no client can receive it.
 *
 * @param source the consumer: it is held back if all receivers lag
 */
export function deliverNext(state: ConsumerState, source: Source): number {
  const { acks, cursor, push, engine } = state;
  const slot = acks.nextRedelivery();
  const isFirst = slot === -1;
  const message = isFirst ? nextNew(state) : state.stream.store.get(acks.pending.streamOf(slot));
  if (message === undefined) return 0;
  const { sequence, subject, time } = message;
  const deliveries = isFirst ? 1 : acks.pending.deliveriesOf(slot) + 1;
  const left = isFirst ? cursor.pending - 1 : cursor.pending;
  const reply = state.subjects.write(deliveries, sequence, acks.delivered.consumer + 1, time, left);
  const isShort = state.config.headers_only === true;
  const headers = isShort ? headersOnly(message) : message.headers;
  const payload = isShort ? noBytes : message.payload;
  const size = reply.length + (headers?.length ?? 0) + payload.length;
  const request = push === undefined ? state.requests.take(subject.length + size) : undefined;
  const to = push === undefined ? request?.reply : push.subject;
  if (to === undefined) {
    if (state.requests.count > 0) engine.hold(source);
    return 0;
  }
  engine.publish(state.account.name, { subject, reply, headers, payload }, to);
  count(state, message, slot);
  push?.sent(to.length + size);
  // Bytes are left, but no messages.
  if (request !== undefined && request.batch <= 0 && request.bytes > 0) {
    state.send(to, pendingStatus("409 Batch Completed", request));
  }
  return subject.length + size;
}

/** Returns the next message that was not delivered, if it may be now. */
function nextNew(state: ConsumerState): Stored | undefined {
  if (state.isFull) return undefined;
  const message = state.cursor.peek();
  if (message === undefined) {
    if (state.requests.mayEnd) state.requests.expire(true);
    return undefined;
  }
  const due = state.replay?.dueAt(message, state.engine.now);
  if (due === undefined) return message;
  state.alarm.set(due);
  return undefined;
}

/** Counts a delivery. @param slot of a message that is delivered again; -1 for the first time */
function count(state: ConsumerState, message: Stored, slot: number): void {
  const { acks, engine } = state;
  const { now, wall } = engine.host;
  state.deliveredAt = wall;
  if (state.push === undefined) state.inactivity.used(now);
  else state.restartHeartbeat();
  if (slot !== -1) {
    state.alarm.set(acks.again(slot, now));
    return;
  }
  state.cursor.take(message);
  state.replay?.delivered(message, now);
  if (state.config.ack_policy !== "none") {
    state.alarm.set(acks.first(message.sequence, now));
    return;
  }
  acks.unacknowledged(message.sequence);
  state.acknowledged(message.sequence);
}
