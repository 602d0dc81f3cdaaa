// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo, ServerInfo } from "@natswire/codec";
import type { SessionConfig, TlsPolicy } from "./config.ts";
import type { Credentials, Reason } from "./outputs.ts";
import { type Address, type Endpoint, isLoopback } from "./servers/address.ts";

/** Why a connection cannot go on. */
export interface Failure {
  readonly reason: Reason;
  readonly detail: string;
}

/** What TLS is to a server, before anything is known of it (RELIABILITY S3). */
export function tlsPolicyFor(address: Address, config: SessionConfig, wasSecure: boolean): TlsPolicy {
  if (wasSecure || address.tls) return "require";
  if (config.tls !== undefined) return config.tls;
  const isSecret = config.hasCredentials || address.user !== undefined || address.token !== undefined;
  return isSecret && !config.allowPlaintextCredentials && !isLoopback(address.endpoint) ? "require" : "opportunistic";
}

/** Whether to go on in TLS behind an INFO, or why that cannot be. */
export function decideTls(info: ServerInfo, policy: TlsPolicy, scheme: Endpoint["scheme"]): boolean | Failure {
  // A WebSocket is in TLS from its first byte or never; what INFO says there is meant for those who come by TCP.
  if (scheme === "ws") return policy === "require" && { reason: "TLS", detail: "TLS is required: use wss://" };
  const offered = info.tls_required === true || info.tls_available === true;
  if (policy === "require" && !offered) {
    return { reason: "TLS", detail: "TLS is required, and the server does not offer it" };
  }
  if (policy === "never" && info.tls_required === true) {
    return { reason: "TLS", detail: "the server requires TLS, and the session must not use it" };
  }
  return policy !== "never" && offered;
}

/** Only what a server may ask to be signed is signed: it is no text of anybody's choice (RELIABILITY S6). */
export function nonceOf(info: ServerInfo): string | undefined | Failure {
  if (info.nonce === undefined || /^[A-Za-z0-9_-]{11,128}$/.test(info.nonce)) return info.nonce;
  return { reason: "PROTOCOL", detail: "the server's nonce is no nonce" };
}

/** CONNECT: nothing but what is meant to be said. */
export function connectInfo(
  config: SessionConfig,
  info: ServerInfo,
  credentials: Credentials,
  isSecure: boolean,
): ConnectInfo {
  const { name, lang, version, verbose, pedantic, noEcho } = config;
  const headers = info.headers === true;
  const { user, pass, auth_token, jwt, nkey, sig } = credentials;
  const given = Object.entries({ name, user, pass, auth_token, jwt, nkey, sig }).filter(
    ([, value]) => value !== undefined,
  );
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
    ...Object.fromEntries(given),
  };
}
