// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the modules of nats.js on a natswire connection: JetStream, Key-Value, Object Store and services.
 *
 * @module
 */

export { toNatsConnection } from "./to-nats-connection.ts";
