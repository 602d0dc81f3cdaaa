// SPDX-License-Identifier: Apache-2.0
/**
 * Runs the NATS client and the embedded server on a transport of your choice.
 *
 * @module
 */

export { connectWith } from "./client/connect-with.ts";
export type { ConnectionOptions } from "./client/connection-options.ts";
export * from "./exports-client.ts";
export * from "./exports-server.ts";
export { serveClusterWith } from "./server/cluster.ts";
export { serveWith } from "./server/embedded-server.ts";
export { pipe } from "./transport/pipe.ts";
export { type ByteStreams, streamDial } from "./transport/stream-dial.ts";
