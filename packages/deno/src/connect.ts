// SPDX-License-Identifier: Apache-2.0
import { type Connection, type ConnectionOptions, connectWith } from "@natswire/runtime";
import { type ClientTls, dialWith } from "./dial.ts";

/** How to connect from Deno. */
export interface ConnectOptions extends Omit<ConnectionOptions, "tls"> {
  /** Certificates, which make TLS a must; `true` for those of the machine. */
  readonly tls?: (ClientTls & { readonly handshakeFirst?: boolean }) | boolean | undefined;
}

/**
 * Connects to a NATS server: `const client = await connect({ servers: "nats://127.0.0.1:4222" })`.
 *
 * @throws ConnectionError where none lets it in
 * @throws UsageError where the options make no sense
 */
export async function connect({ tls = false, ...options }: ConnectOptions = {}): Promise<Connection> {
  const { handshakeFirst = false, ...certificates } = typeof tls === "boolean" ? {} : tls;
  return connectWith(dialWith(certificates), {
    ...options,
    ...(tls === false ? {} : { tls: "require" as const }),
    handshakeFirst: options.handshakeFirst ?? handshakeFirst,
  });
}
