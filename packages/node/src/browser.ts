// SPDX-License-Identifier: Apache-2.0
/**
 * Replaces this package if it is imported with the condition `browser`: a program that uses one of its functions throws
 * at import. All names of the package are here, so that a bundler does not report a missing export instead.
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
};

function fail(): never {
  throw new Error(
    `@natswire/node needs Node's sockets, but was imported with the condition "browser"; use @natswire/websocket in a browser, or streamDial of @natswire/io in a Worker`,
  );
}
