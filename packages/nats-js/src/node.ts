// SPDX-License-Identifier: Apache-2.0
/**
 * Replaces `@nats-io/transport-node`: `connect` makes a natswire connection, and everything else is that of nats-core.
 *
 * @module
 */

// What `@nats-io/transport-node` exports, too.
export * from "@nats-io/nats-core/internal";
export { connect } from "./connect.ts";
export type { NodeConnectionOptions } from "./connect-options.ts";
