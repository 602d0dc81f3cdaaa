// SPDX-License-Identifier: Apache-2.0
import type { Dial, Endpoint } from "@natswire/io";
import { checkOptions, checkScheme, type Pem, pemOptions, readPem } from "@natswire/io/adapter";
import { addressesOf, native, textOf } from "./native.ts";
import { createTransport } from "./socket.ts";

/** Certificates as PEM text, or files of them, which are read for each connection. */
export type ClientTls = Pem;

/**
 * Dials a TCP port or a unix socket, with the authorities of Bun for TLS.
 *
 * Bun cannot cancel a connection attempt: if the server does not answer, the socket ends at the system's own timeout (two minutes
 * on Linux), and keeps the process alive until then.
 */
export const dial: Dial = /* @__PURE__ */ dialWith();

/**
 * Returns a `Dial` for TCP ports and unix sockets, with these certificates for TLS. If a file of them cannot be read, the
 * attempt fails.
 *
 * @throws UsageError BAD_FIELD if an option is unknown
 */
export function dialWith(tls: ClientTls = {}): Dial {
  checkOptions(tls, pemOptions, "tls");
  const dial: Dial = (to, on) => {
    const upgrade = {
      tls: { ...readPem(tls, textOf), serverName: to.serverName, rejectUnauthorized: true },
      isStrict: true,
      isFirst: to.scheme === "tls-first",
    };
    const { transport, handlers: socket, fail } = createTransport(() => on, upgrade);
    const target =
      to.scheme === "unix" ? { unix: to.path as string } : { hostname: to.address ?? to.host, port: to.port };
    native()
      .connect({ ...target, socket })
      .catch(fail);
    return transport;
  };
  return Object.assign(dial, { check, resolve: addressesOf });
}

function check(to: Endpoint): void {
  checkScheme(to, "@natswire/bun");
  native();
}
