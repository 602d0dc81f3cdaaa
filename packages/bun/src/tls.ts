// SPDX-License-Identifier: Apache-2.0
import type { TlsOffer, Transport } from "@natswire/runtime";
import { validate } from "./native.ts";
import type { Upgrade } from "./socket.ts";

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

/** A server's way to TLS. */
export interface ServerUpgrade extends Upgrade {
  readonly underWay: Set<Transport>;
}

const TIMEOUT = 2000;

/** @throws Error where TLS should be `available`, and where a key or a certificate is none */
export function upgradeOf(given: ServerTls): ServerUpgrade {
  const { when = "required", handshakeTimeout = TIMEOUT, requestCert = false, rejectUnauthorized = true } = given;
  if (when === "available") {
    throw new Error(
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
    underWay: new Set(),
    time: handshakeTimeout,
  };
}
