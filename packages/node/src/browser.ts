// SPDX-License-Identifier: Apache-2.0
/**
 * Replaces this package if it is imported with the condition `browser`: the import throws, and says what to use instead. All
 * names of the package are here, because a bundler would otherwise report a missing export.
 *
 * @module
 */

export * from "@natswire/io/client";
export * from "@natswire/io/server";

const missing: never = fail();

export {
  missing as connect,
  missing as dial,
  missing as dialWith,
  missing as listen,
  missing as listenWith,
  missing as serve,
  missing as serveCluster,
  missing as serveMonitor,
};

function fail(): never {
  throw new Error(
    `@natswire/node needs Node's sockets, but was imported with the condition "browser"; use @natswire/websocket in a browser, or streamDial of @natswire/io in a Worker`,
  );
}
