// SPDX-License-Identifier: Apache-2.0
import { type TlsOffer, type Transport, UsageError } from "@natswire/io";
import { type Tls, validate } from "./native.ts";

/** Certificate and key as PEM text; `ca` and `requestCert` for client certificates. */
export interface ServerTls {
  readonly cert: string | string[];
  readonly key: string | string[];
  readonly passphrase?: string | undefined;
  /** Authorities that vouch for clients. */
  readonly ca?: string | string[] | undefined;
  /** Whether clients are asked for a certificate; not where left out. */
  readonly requestCert?: boolean | undefined;
  /** Whether one is let in without, or with one nobody vouches for, if it is `false`. */
  readonly rejectUnauthorized?: boolean | undefined;
  /**
   * When TLS begins: behind INFO, as clients expect it (`required`, the default); or before INFO, for clients that are
   * told so (`first`). Not `available`: Bun has to be told of TLS before it reads the bytes that show who speaks it.
   */
  readonly when?: TlsOffer["when"] | undefined;
  /** Time for the whole handshake in milliseconds, 2,000 where left out. */
  readonly handshakeTimeout?: number | undefined;
}

/** How a connection speaks TLS. */
export interface Upgrade {
  readonly tls: Tls;
  /** Whether the other side must have a certificate that is vouched for. */
  readonly isStrict: boolean;
  /** Whether TLS comes before everything else. */
  readonly isFirst: boolean;
  /** A server's: what clients are offered, and those that have not agreed on TLS yet, with the time each has. */
  readonly offer?: Transport["tls"];
  readonly inFlight?: Set<Transport>;
  readonly time?: number;
}

/** A server's way to TLS. */
export interface ServerUpgrade extends Upgrade {
  readonly inFlight: Set<Transport>;
}

const TIMEOUT = 2000;

/** @throws UsageError BAD_FIELD where TLS should be `available`, Error where a key or a certificate is none */
export function upgradeOf(given: ServerTls): ServerUpgrade {
  const { when = "required", handshakeTimeout = TIMEOUT, requestCert = false, rejectUnauthorized = true } = given;
  if (when === "available") {
    throw new UsageError(
      "BAD_FIELD",
      'Bun cannot give back bytes it has read, so TLS is never "available" here: it is "required", or "first"',
    );
  }
  const { cert, key, ca, passphrase } = given;
  validate({ cert, key, ca, passphrase });
  const isStrict = requestCert && rejectUnauthorized;
  return {
    tls: { cert, key, ca, passphrase, requestCert, rejectUnauthorized: isStrict },
    isStrict,
    isFirst: when === "first",
    offer: { when, verify: requestCert },
    inFlight: new Set(),
    time: handshakeTimeout,
  };
}
