// SPDX-License-Identifier: Apache-2.0
import type { Dial, Endpoint } from "@natswire/io";
import { checkOptions, checkScheme, type Pem, type PemTexts, pemOptions, readPem } from "@natswire/io/adapter";
import { addressesOf, type Conn, handshake, native } from "./native.ts";
import { createTransport, type Source } from "./socket.ts";

/**
 * Certificates as PEM text, or files of them, which are read for each connection. The authorities are added to those that Deno
 * trusts.
 */
export interface ClientTls extends Pem {
  /**
   * The client's own certificate, only for `handshakeFirst`: `Deno.startTls` takes none.
   *
   * With one, the server's certificate must have the name of the host that was dialled, for discovered servers as well:
   * `Deno.connectTls` takes no other name. It takes no signal either: a cancelled dial ends when the system ends it.
   */
  readonly cert?: string | undefined;
}

/** Dials a TCP port or a unix socket, with the authorities of Deno for TLS. */
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
    const pem = readPem(tls, (file) => native().readTextFileSync(file));
    return createTransport(sourceOf(to, pem), () => on);
  };
  return Object.assign(dial, { check, resolve: addressesOf });
}

function check(to: Endpoint): void {
  checkScheme(to, "@natswire/deno");
  native();
}

/** Returns how a connection is opened, and upgraded to TLS. */
function sourceOf(to: Endpoint, { ca, cert, key }: PemTexts): Source {
  const trust = ca === undefined ? {} : { caCerts: ca };
  const secured = async (conn: Conn): Promise<Conn> => {
    if (cert !== undefined) {
      throw new Error(
        "Deno can send a client certificate only with handshakeFirst, to a server whose TLS begins before INFO",
      );
    }
    return native().startTls(conn, { hostname: to.serverName, ...trust });
  };
  const first = async (signal: AbortSignal): Promise<Conn> => {
    if (cert === undefined || key === undefined) return secured(await plain(to, signal));
    // The name, not its address: Deno verifies what it dials.
    return native().connectTls({ hostname: to.host, port: to.port, cert, key, ...trust });
  };
  return {
    async open(signal) {
      return to.scheme === "tls-first" ? handshake(await first(signal), signal) : plain(to, signal);
    },
    upgrade: async (conn, signal) => handshake(await secured(conn), signal),
  };
}

async function plain({ scheme, host, address = host, port, path = "" }: Endpoint, signal: AbortSignal): Promise<Conn> {
  if (scheme === "unix") return native().connect({ transport: "unix", path });
  const conn = await native().connect({ hostname: address, port, signal });
  conn.setNoDelay?.();
  return conn;
}
