// SPDX-License-Identifier: Apache-2.0
/**
 * A NATS client as a sans-IO state machine: it owns no socket, timer or random source.
 *
 * @module
 */

export { defaults, type Millis, type SessionConfig, type TlsPolicy } from "./config.ts";
export type { Denial } from "./denial.ts";
export { newInbox } from "./inbox.ts";
export type { Many } from "./operations.ts";
export type { Outgoing } from "./outbound.ts";
export type {
  Action,
  ConnectionStats,
  Credentials,
  Event,
  Failure,
  MessageData,
  Outcome,
  Reason,
  SubscriptionCounts,
  SubscriptionId,
  Ticket,
} from "./outputs.ts";
export type { RequestOptions } from "./pending-operations.ts";
export { Queue } from "./queue.ts";
export {
  type Address,
  type Endpoint,
  formatEndpoint,
  parseAddress,
  parseServers,
  withoutUserinfo,
} from "./servers/address.ts";
export type { ServerCandidate, ServersChanged } from "./servers/pool.ts";
export { Session } from "./session.ts";
export { type Overflow, type SubscriptionOptions, UNBOUNDED } from "./subscriptions.ts";
