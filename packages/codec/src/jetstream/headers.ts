// SPDX-License-Identifier: Apache-2.0

/** The names of the headers that JetStream reads and writes. They are case-sensitive. */
export const jetStreamHeaders = {
  // Of a published message.
  msgId: "Nats-Msg-Id",
  expectedStream: "Nats-Expected-Stream",
  expectedLastSequence: "Nats-Expected-Last-Sequence",
  expectedLastSubjectSequence: "Nats-Expected-Last-Subject-Sequence",
  expectedLastSubjectSequenceSubject: "Nats-Expected-Last-Subject-Sequence-Subject",
  expectedLastMsgId: "Nats-Expected-Last-Msg-Id",
  rollup: "Nats-Rollup",
  ttl: "Nats-TTL",
  increment: "Nats-Incr",
  batchId: "Nats-Batch-Id",
  batchSequence: "Nats-Batch-Sequence",
  batchCommit: "Nats-Batch-Commit",
  schedule: "Nats-Schedule",
  scheduleTarget: "Nats-Schedule-Target",
  scheduleSource: "Nats-Schedule-Source",
  scheduleTtl: "Nats-Schedule-TTL",
  scheduleTimeZone: "Nats-Schedule-Time-Zone",
  scheduleRollup: "Nats-Schedule-Rollup",
  requiredApiLevel: "Nats-Required-Api-Level",
  kvOperation: "KV-Operation",
  // Of a message that a server delivers, or of an answer.
  stream: "Nats-Stream",
  subject: "Nats-Subject",
  sequence: "Nats-Sequence",
  timestamp: "Nats-Time-Stamp",
  lastSequence: "Nats-Last-Sequence",
  numPending: "Nats-Num-Pending",
  upToSequence: "Nats-UpTo-Sequence",
  msgSize: "Nats-Msg-Size",
  streamSource: "Nats-Stream-Source",
  streamIdentity: "Nats-Stream-Identity",
  markerReason: "Nats-Marker-Reason",
  counterSources: "Nats-Counter-Sources",
  scheduler: "Nats-Scheduler",
  scheduleNext: "Nats-Schedule-Next",
  lastConsumer: "Nats-Last-Consumer",
  lastStream: "Nats-Last-Stream",
  consumerStalled: "Nats-Consumer-Stalled",
  pendingMessages: "Nats-Pending-Messages",
  pendingBytes: "Nats-Pending-Bytes",
  pinId: "Nats-Pin-Id",
  responseType: "Nats-Response-Type",
} as const;

/** The headers of a message, as `decodeHeaders` and the client's messages have them. */
export interface HeaderSource {
  readonly status: number | undefined;
  readonly description: string | undefined;
  /** Returns all values of a name, in order. */
  values(name: string): readonly string[];
}

/**
 * Returns the last value of a header, or `undefined`.
 *
 * A server adds its headers after those of the publisher, so the last value is the server's own.
 */
export function lastValue(headers: HeaderSource, name: string): string | undefined {
  return headers.values(name).at(-1);
}
