// SPDX-License-Identifier: Apache-2.0
import { type ServeAt, type ServeOptions, type Server, serveWith } from "@natswire/runtime";
import { listen } from "./listen.ts";

/**
 * Starts an embedded server on a TCP port of this machine: `const server = await serve()`.
 *
 * @param at 127.0.0.1 and a free port where left out
 * @throws the socket's error, EADDRINUSE for instance
 */
export function serve(at?: ServeAt, options?: ServeOptions): Promise<Server> {
  return serveWith(listen, at, options);
}
