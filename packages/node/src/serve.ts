// SPDX-License-Identifier: Apache-2.0
import { type Server, type ServerOptions, serveWith } from "@natswire/io";
import { checkNoMore } from "@natswire/io/adapter";
import { type ListenOptions, listenWith } from "./listen.ts";

/** Options of a server: those of every runtime, and `tls`. */
export interface ServeOptions extends ServerOptions, ListenOptions {}

/**
 * Starts an embedded server on a TCP port of this machine: `const server = await serve()`.
 *
 * It listens on 127.0.0.1 and a free port by default, in plain text without `tls`.
 *
 * @throws the socket's error, EADDRINUSE for instance, and where a key or a certificate is none
 */
export function serve(options?: ServeOptions): Promise<Server>;
export async function serve({ tls, ...options }: ServeOptions = {}, ...more: unknown[]): Promise<Server> {
  checkNoMore(more, "serve({ host, port, record })");
  return serveWith(listenWith({ tls }), options);
}
