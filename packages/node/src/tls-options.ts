// SPDX-License-Identifier: Apache-2.0
import type { ConnectionOptions, TlsOptions } from "node:tls";
import { UsageError } from "@natswire/io";
import { checkOptions } from "@natswire/io/adapter";
import type { ClientTls } from "./dial.ts";
import type { ServerTls } from "./tls.ts";

const common: readonly (keyof ConnectionOptions & keyof TlsOptions)[] = [
  ...(["ca", "cert", "key", "pfx", "passphrase", "crl", "requestCert", "rejectUnauthorized"] as const),
  ...(["ciphers", "sigalgs", "ecdhCurve", "dhparam", "honorCipherOrder", "minVersion", "maxVersion"] as const),
  ...([
    "secureProtocol",
    "secureOptions",
    "secureContext",
    "sessionIdContext",
    "sessionTimeout",
    "ticketKeys",
  ] as const),
  ...(["ALPNProtocols", "ALPNCallback", "SNICallback", "pskCallback", "enableTrace"] as const),
  ...(["allowPartialTrustChain", "clientCertEngine", "privateKeyEngine", "privateKeyIdentifier"] as const),
];
const ofClient: readonly (keyof ClientTls)[] = [
  ...(["caFile", "certFile", "keyFile", "checkServerIdentity", "servername", "session", "minDHSize"] as const),
  ...(["host", "port", "path", "socket", "lookup", "timeout"] as const),
];
const ofServer: readonly (keyof ServerTls)[] = [
  ...(["when", "handshakeTimeout", "pskIdentityHint", "allowHalfOpen", "pauseOnConnect", "noDelay"] as const),
  ...(["keepAlive", "keepAliveInitialDelay", "highWaterMark"] as const),
];

/**
 * Checks the TLS options of a client.
 *
 * @throws UsageError BAD_FIELD if one is unknown
 */
export function checkClientTls(tls: ClientTls): void {
  checkOptions(tls, [...common, ...ofClient], "tls");
}

/**
 * Checks the TLS options of a server, if there are any.
 *
 * @throws UsageError BAD_FIELD if one is unknown, or if there is no certificate with its key
 */
export function checkServerTls(tls: ServerTls | undefined): void {
  if (tls === undefined) return;
  checkOptions(tls, [...common, ...ofServer], "tls");
  const { cert, key, pfx, secureContext, SNICallback, pskCallback } = tls;
  const hasKey = cert !== undefined && key !== undefined;
  if (!hasKey && [pfx, secureContext, SNICallback, pskCallback].every((one) => one === undefined))
    throw new UsageError("BAD_FIELD", "tls of a server must have cert and key, as PEM text");
}
