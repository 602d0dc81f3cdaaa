// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/io";
import { checkOptions } from "@natswire/io/adapter";
import type { ClientTls } from "./dial.ts";
import type { ServerTls } from "./tls.ts";

// These are objects so that the compiler finds an option that is missing here.
const common: Record<keyof ClientTls & keyof ServerTls, 0> = {
  ca: 0,
  cert: 0,
  key: 0,
  pfx: 0,
  passphrase: 0,
  crl: 0,
  requestCert: 0,
  rejectUnauthorized: 0,
  ciphers: 0,
  sigalgs: 0,
  ecdhCurve: 0,
  dhparam: 0,
  honorCipherOrder: 0,
  minVersion: 0,
  maxVersion: 0,
  secureProtocol: 0,
  secureOptions: 0,
  secureContext: 0,
  sessionIdContext: 0,
  sessionTimeout: 0,
  ticketKeys: 0,
  ALPNProtocols: 0,
  ALPNCallback: 0,
  SNICallback: 0,
  pskCallback: 0,
  enableTrace: 0,
  allowPartialTrustChain: 0,
  clientCertEngine: 0,
  privateKeyEngine: 0,
  privateKeyIdentifier: 0,
};
const ofClient: Omit<Record<keyof ClientTls, 0>, keyof typeof common> = {
  caFile: 0,
  certFile: 0,
  keyFile: 0,
  checkServerIdentity: 0,
  servername: 0,
  session: 0,
  minDHSize: 0,
  host: 0,
  port: 0,
  path: 0,
  socket: 0,
  lookup: 0,
  timeout: 0,
};
const ofServer: Omit<Record<keyof ServerTls, 0>, keyof typeof common> = {
  when: 0,
  handshakeTimeout: 0,
  pskIdentityHint: 0,
  allowHalfOpen: 0,
  pauseOnConnect: 0,
  noDelay: 0,
  keepAlive: 0,
  keepAliveInitialDelay: 0,
  highWaterMark: 0,
};
const namesOf = (...options: readonly object[]): string[] => options.flatMap(Object.keys);

/**
 * Checks the TLS options of a client.
 *
 * @throws UsageError BAD_FIELD if one is unknown
 */
export function checkClientTls(tls: ClientTls): void {
  checkOptions(tls, namesOf(common, ofClient), "tls");
}

/**
 * Checks the TLS options of a server, if there are any.
 *
 * @throws UsageError BAD_FIELD if one is unknown, or if there is no certificate with its key
 */
export function checkServerTls(tls: ServerTls | undefined): void {
  if (tls === undefined) return;
  checkOptions(tls, namesOf(common, ofServer), "tls");
  const { cert, key, pfx, secureContext, SNICallback, pskCallback } = tls;
  const hasKey = cert !== undefined && key !== undefined;
  if (!hasKey && [pfx, secureContext, SNICallback, pskCallback].every((option) => option === undefined))
    throw new UsageError("BAD_FIELD", "tls of a server must have cert and key, as PEM text");
}
