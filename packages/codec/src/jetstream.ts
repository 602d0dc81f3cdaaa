// SPDX-License-Identifier: Apache-2.0
/**
 * The subjects, payloads and headers of JetStream, as pure functions: for proxies, inspectors and test doubles.
 *
 * Functions that read take what a peer sent, never throw, and return `undefined` for anything malformed. Functions that write
 * throw a `UsageError` for a value that cannot be written. Sequences, other counts of 64 bits and nanoseconds are bigints; all
 * other numbers are numbers. Fields have the names of the protocol in camel case, with `seq` and `val` spelled out. In JSON a
 * field that is null or missing is `undefined`.
 *
 * @module
 */

export { UsageError, type UsageErrorCode } from "./errors.ts";
export { type Ack, ack, nak, next, parseAck, progress, term } from "./jetstream/ack.ts";
export { ackSubject, type DeliveryInfo, parseAckSubject } from "./jetstream/ack-subject.ts";
export {
  type AccountApi,
  type ApiSubject,
  apiSubject,
  type ConsumerApi,
  parseApiSubject,
  type StreamApi,
} from "./jetstream/api-subject.ts";
export { type BatchFlow, type BatchReply, batchReply, parseBatchFlow, parseBatchReply } from "./jetstream/batch.ts";
export { type DirectGetInfo, directGetInfo } from "./jetstream/direct-get.ts";
export { type HeaderSource, jetStreamHeaders } from "./jetstream/headers.ts";
export {
  type ApiError,
  type PubAck,
  type PubAckError,
  parseApiError,
  parsePubAck,
  pubAck,
} from "./jetstream/pub-ack.ts";
export { type PullOptions, type PullRequest, parsePull, pullRequest } from "./jetstream/pull.ts";
export {
  type EndOfBatch,
  type FlowControlRequest,
  type IdleHeartbeat,
  type NoResponders,
  type RequestStatus,
  type Status,
  type StatusSource,
  statusOf,
} from "./jetstream/status.ts";
export { parseStoredMessage, type StoredMessage } from "./jetstream/stored-message.ts";
