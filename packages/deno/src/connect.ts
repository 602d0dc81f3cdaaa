// SPDX-License-Identifier: Apache-2.0
import type { Connection } from "@natswire/io";
import { checkNoMore, connectWithTls, optionsOf, type TlsConnectOptions } from "@natswire/io/adapter";
import { type ClientTls, dialWith } from "./dial.ts";

/** How to connect from Deno. */
export type ConnectOptions = TlsConnectOptions<ClientTls>;

/**
 * Connects to a NATS server: `const client = await connect("nats://127.0.0.1:4222")`.
 *
 * @throws ConnectionError where none lets it in
 * @throws UsageError where the options make no sense
 * @throws the file system's error where one of the files of `tls` cannot be read
 */
export function connect(options?: ConnectOptions | string): Promise<Connection>;
export async function connect(options: ConnectOptions | string = {}, ...more: unknown[]): Promise<Connection> {
  checkNoMore(more, "connect({ servers, name, tls })");
  return connectWithTls(dialWith, optionsOf(options));
}
