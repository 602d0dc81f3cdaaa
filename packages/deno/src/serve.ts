// SPDX-License-Identifier: Apache-2.0
import { type ServeAt, type ServeOptions, type Server, serveWith } from "@natswire/runtime";
import { type ListenOptions, listenWith } from "./listen.ts";

/**
 * Starts an embedded server on a TCP port of this machine: `const server = await serve()`.
 *
 * @param at 127.0.0.1 and a free port where left out; plain text without `tls: { cert, key, when: "first" }`
 * @throws UsageError BAD_FIELD where TLS is to begin behind INFO, or client certificates are asked for
 * @throws Deno's error, `AddrInUse` for instance, and where a key or a certificate is none
 */
export function serve(at: ServeAt & ListenOptions = {}, options?: ServeOptions): Promise<Server> {
  return serveWith(listenWith(at), at, options);
}
