// SPDX-License-Identifier: Apache-2.0
/**
 * JetStream in memory, for the embedded server.
 *
 * @module
 */

export { type JetStream, jetstream, type StreamMessage, type StreamSummary } from "./jetstream.ts";
export type { JetStreamSnapshot, MessageSnapshot, StreamSnapshot } from "./snapshot.ts";
export type { Nanos, SourceConfig, StreamConfig, TransformConfig } from "./stream/stream-config.ts";
