// SPDX-License-Identifier: Apache-2.0

import { badField } from "../bad-field.ts";
import { checkNoMore, optionsOf } from "../options.ts";
import type { Dial } from "../transport/transport.ts";
import { channelHooks } from "./channel-hooks.ts";
import { connectWith } from "./connect-with.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionOptions, ServerUrl } from "./connection-options.ts";
import { joinHooks } from "./join-hooks.ts";

/** Options of `connect` in a runtime with its own form of certificates. */
export interface TlsConnectOptions<Certificates extends object> extends Omit<ConnectionOptions, "tls"> {
  /**
   * Certificates, or a function that returns them for each connection, or `true` for those of the machine: TLS is then required.
   * `false` refuses TLS: a server that requires it is not used. By default TLS is used if the server offers it, and required if
   * the URL asks for it.
   */
  readonly tls?:
    | (Certificates & { readonly handshakeFirst?: boolean | undefined })
    | (() => Certificates)
    | boolean
    | undefined;
}

/**
 * Connects to a server, with a runtime's form of certificates for TLS: `connect` of that runtime.
 *
 * @param dialWith makes the dialer from the certificates
 * @param given the options of `connect`, or the URL of a server
 * @param more the arguments after them, which are rejected
 * @throws ConnectionError if no server accepts the client
 * @throws UsageError if an option is unknown or not valid
 */
export async function connectWithTls<Certificates extends object>(
  dialWith: (certificates: Omit<Certificates, "handshakeFirst">) => Dial,
  given: TlsConnectOptions<Certificates> | ServerUrl,
  more: readonly unknown[],
): Promise<Connection> {
  checkNoMore(more, "connect({ servers, name, tls })");
  const { tls, ...options }: TlsConnectOptions<Certificates> = optionsOf(given);
  if (tls === null || !/undefined|boolean|object|function/.test(typeof tls))
    throw badField("tls", "true, false, certificates or a function that returns them", tls);
  const none = {} as Certificates & { readonly handshakeFirst?: boolean };
  const { handshakeFirst = false, ...certificates } = typeof tls === "object" ? tls : none;
  const fixed = dialWith(certificates);
  const renewed: Dial = (to, on) => dialWith((tls as () => Certificates)())(to, on);
  return connectWith(typeof tls === "function" ? Object.assign(renewed, fixed) : fixed, {
    ...options,
    hooks: joinHooks(channelHooks, options.hooks),
    tls: tls === undefined ? undefined : tls === false ? "never" : "require",
    handshakeFirst: options.handshakeFirst ?? handshakeFirst,
  });
}
