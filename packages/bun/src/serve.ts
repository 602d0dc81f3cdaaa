// SPDX-License-Identifier: Apache-2.0
import { type ServeAt, type ServeOptions, type Server, serveWith } from "@natswire/runtime";
import { type ListenOptions, listenWith } from "./listen.ts";

/**
 * Starts an embedded server on a TCP port of this machine: `const server = await serve()`.
 *
 * @param at 127.0.0.1 and a free port where left out; plain text without `tls: { cert, key }`
 * @throws the socket's error, EADDRINUSE for instance, where a key or a certificate is none, and where TLS should be
 * `available`, which Bun cannot do
 */
export function serve(at: ServeAt & ListenOptions = {}, options?: ServeOptions): Promise<Server> {
  return serveWith(listenWith(at), at, options);
}
