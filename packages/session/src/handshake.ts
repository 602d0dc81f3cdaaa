// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo, ServerInfo } from "@natswire/codec";
import type { SessionConfig, TlsPolicy } from "./config.ts";
import type { Credentials, Failure } from "./outputs.ts";
import { type Address, type Endpoint, isLoopback } from "./servers/address.ts";

/** Why a connection fails that has credentials, but no TLS. */
export const PLAINTEXT_CREDENTIALS: string =
  "credentials are not sent over plain text to another machine: use tls:// or wss://, or set allowPlaintextCredentials";

/**
 * Returns the TLS policy for a server, before anything is known of it (docs/reliability.md, S3). `credentials` means that TLS
 * is required because there are credentials.
 *
 * @param wasSecure an earlier connection of the session used TLS
 */
export function tlsPolicyFor(address: Address, config: SessionConfig, wasSecure: boolean): TlsPolicy | "credentials" {
  if (wasSecure || address.tls) return "require";
  if (config.tls !== undefined) return config.tls;
  const isSecret = config.hasCredentials || address.user !== undefined || address.token !== undefined;
  return isSecret && !config.allowPlaintextCredentials && !isLoopback(address.endpoint)
    ? "credentials"
    : "opportunistic";
}

/** Returns whether to start TLS after INFO, or why the connection fails. */
export function decideTls(
  info: ServerInfo,
  policy: TlsPolicy | "credentials",
  scheme: Endpoint["scheme"],
): boolean | Failure {
  // A WebSocket uses TLS from its first byte or never. The flags in INFO are for TCP clients.
  const offered = scheme !== "ws" && (info.tls_required === true || info.tls_available === true);
  if (policy === "credentials" && !offered) return { reason: "TLS", detail: PLAINTEXT_CREDENTIALS };
  if (scheme === "ws") return policy === "require" && { reason: "TLS", detail: "TLS is required: use wss://" };
  if (policy === "require" && !offered) {
    return { reason: "TLS", detail: "TLS is required, but the server does not offer it" };
  }
  if (policy === "never" && info.tls_required === true) {
    return { reason: "TLS", detail: `the server requires TLS, but the option tls is "never"` };
  }
  return policy !== "never" && offered;
}

/** Returns the nonce, if there is one. A server must not get arbitrary text signed (docs/reliability.md, S6). */
export function nonceOf(info: ServerInfo): string | undefined | Failure {
  if (info.nonce === undefined || /^[A-Za-z0-9_-]{11,128}$/.test(info.nonce)) return info.nonce;
  return {
    reason: "PROTOCOL",
    detail: "the nonce in INFO is not valid: it must be 11 to 128 characters of A-Z a-z 0-9 _ -",
  };
}

/** Returns the options of CONNECT: the fields listed here, and no other field of the arguments. */
export function connectInfo(
  config: SessionConfig,
  info: ServerInfo,
  credentials: Credentials,
  isSecure: boolean,
): ConnectInfo {
  const { name, lang, version, verbose, pedantic, noEcho } = config;
  const headers = info.headers === true;
  const { user, pass, auth_token, jwt, nkey, sig } = credentials;
  // The codec leaves out fields that are undefined.
  return {
    verbose,
    pedantic,
    tls_required: isSecure,
    echo: !noEcho,
    lang,
    version,
    protocol: 1,
    headers,
    no_responders: headers,
    ...{ name, user, pass, auth_token, jwt, nkey, sig },
  } as ConnectInfo;
}
