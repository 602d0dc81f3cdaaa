// SPDX-License-Identifier: Apache-2.0
/**
 * JetStream in memory, for the embedded server.
 *
 * @module
 */

export { type JetStream, jetstream } from "./jetstream.ts";
