// SPDX-License-Identifier: Apache-2.0

import { badField } from "../bad-field.ts";
import type { Dial } from "../transport/transport.ts";
import { connectWith } from "./connect-with.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection-options.ts";

/** How to connect where a runtime has certificates of its own kind. */
export interface TlsConnectOptions<Certificates extends object> extends Omit<ConnectionOptions, "tls"> {
  /** Certificates, which make TLS a must; `true` for those of the machine. */
  readonly tls?: (Certificates & { readonly handshakeFirst?: boolean }) | boolean | undefined;
}

/**
 * Connects to a server, with these certificates where it speaks TLS.
 *
 * @throws ConnectionError where none lets it in
 * @throws UsageError where the options make no sense
 */
export async function connectWithTls<Certificates extends object>(
  dialWith: (certificates: Omit<Certificates, "handshakeFirst">) => Dial,
  { tls = false, ...options }: TlsConnectOptions<Certificates>,
): Promise<Connection> {
  if (tls === null || (typeof tls !== "boolean" && typeof tls !== "object"))
    throw badField("tls", "true or certificates", tls);
  const none = {} as Certificates & { readonly handshakeFirst?: boolean };
  const { handshakeFirst = false, ...certificates } = typeof tls === "boolean" ? none : tls;
  return connectWith(dialWith(certificates), {
    ...options,
    ...(tls === false ? {} : { tls: "require" as const }),
    handshakeFirst: options.handshakeFirst ?? handshakeFirst,
  });
}
