// SPDX-License-Identifier: Apache-2.0
import { type TlsOffer, type Transport, UsageError } from "@natswire/io";
import { checkOptions } from "@natswire/io/adapter";
import { certificateFailure, HandshakeError } from "@natswire/io/adapter/server";
import { type Tls, validate } from "./native.ts";

/** Certificate and key as PEM text; `ca` and `requestCert` for client certificates. */
export interface ServerTls {
  readonly cert: string | string[];
  readonly key: string | string[];
  readonly passphrase?: string | undefined;
  /** Authorities that sign the certificates of clients. */
  readonly ca?: string | string[] | undefined;
  /** Whether client certificates are requested; false by default. */
  readonly requestCert?: boolean | undefined;
  /** Whether clients with no or an untrusted certificate are rejected; true by default. */
  readonly rejectUnauthorized?: boolean | undefined;
  /**
   * When TLS begins: after INFO, as clients expect it (`required`, the default); or before INFO, for clients with
   * `handshakeFirst` (`first`). Not `available`: Bun must start TLS before it reads the bytes that show whether a client uses it.
   */
  readonly when?: TlsOffer["when"] | undefined;
  /** Milliseconds for the whole handshake; 2,000 by default. */
  readonly handshakeTimeout?: number | undefined;
}

/** How a connection is upgraded to TLS. */
export interface Upgrade {
  readonly tls: Tls;
  /** Whether the peer must have a trusted certificate. */
  readonly isStrict: boolean;
  /** Whether TLS begins before everything else. */
  readonly isFirst: boolean;
  /** Of a server: what it offers clients. */
  readonly offer?: Transport["tls"];
  /** Of a server: how to end each connection that is in a TLS handshake. */
  readonly handshakes?: Set<(error: Error) => void>;
  /** Of a server: returns the error of a handshake that failed. */
  readonly failure?: (cause: Error | undefined) => Error;
  /** Of a server: milliseconds for a handshake. */
  readonly timeout?: number;
}

/** How a connection of a server is upgraded to TLS. */
export interface ServerUpgrade extends Upgrade {
  readonly handshakes: Set<(error: Error) => void>;
}

const TIMEOUT = 2000;
const serverTls: readonly (keyof ServerTls)[] = [
  ...(["cert", "key", "passphrase", "ca", "requestCert", "rejectUnauthorized"] as const),
  ...(["when", "handshakeTimeout"] as const),
];

/**
 * Returns how connections are upgraded with these options.
 *
 * @throws UsageError BAD_FIELD if an option is unknown, there is no certificate or key, one of them is not valid, or `when` is
 * `available`
 */
export async function upgradeOf(given: ServerTls): Promise<ServerUpgrade> {
  checkOptions(given, serverTls, "tls");
  const { when = "required", handshakeTimeout = TIMEOUT, requestCert = false, rejectUnauthorized = true } = given;
  if (when === "available") {
    throw new UsageError("BAD_FIELD", 'tls.when must be "required" or "first" in Bun, not "available"');
  }
  const { cert, key, ca, passphrase } = given;
  if (cert === undefined || key === undefined)
    throw new UsageError("BAD_FIELD", "tls of a server must have cert and key, as PEM text");
  const certificates = { cert, key, ca, passphrase };
  try {
    validate(certificates);
  } catch (error) {
    await certificateFailure(error, certificates, validate);
  }
  const isStrict = requestCert && rejectUnauthorized;
  return {
    tls: { ...certificates, requestCert, rejectUnauthorized: isStrict },
    isStrict,
    isFirst: when === "first",
    offer: { when, verify: requestCert },
    handshakes: new Set(),
    failure: (cause) => new HandshakeError(cause),
    timeout: handshakeTimeout,
  };
}
