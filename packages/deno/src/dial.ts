// SPDX-License-Identifier: Apache-2.0
import type { Dial, Endpoint } from "@natswire/io";
import { checkScheme, type Pem, readPem } from "@natswire/io/adapter";
import { addressesOf, type Conn, handshake, native } from "./native.ts";
import { createTransport, type Source } from "./socket.ts";

/** Certificates as PEM text, or files of them; authorities in addition to those that Deno trusts. */
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
 * Returns a `Dial` for TCP ports and unix sockets, with these certificates for TLS.
 *
 * @throws the file system's error if one of the files cannot be read
 */
export function dialWith(tls: ClientTls = {}): Dial {
  const { ca, cert, key } = readPem(tls, (file) => native().readTextFileSync(file));
  const trust = ca === undefined ? {} : { caCerts: ca };
  const secured = async (conn: Conn, { serverName: hostname }: Endpoint): Promise<Conn> => {
    if (cert !== undefined) {
      throw new Error(
        "Deno can send a client certificate only with handshakeFirst, to a server whose TLS begins before INFO",
      );
    }
    return native().startTls(conn, { hostname, ...trust });
  };
  const first = async (to: Endpoint, signal: AbortSignal): Promise<Conn> => {
    if (cert === undefined || key === undefined) return secured(await plain(to, signal), to);
    return native().connectTls({ hostname: to.host, port: to.port, cert, key, ...trust });
  };
  const dial: Dial = (to, on) => {
    checkScheme(to, "@natswire/deno");
    native();
    const source: Source = {
      async open(signal) {
        if (to.scheme !== "tls-first") return plain(to, signal);
        return handshake(await first(to, signal), signal);
      },
      upgrade: async (conn, signal) => handshake(await secured(conn, to), signal),
    };
    return createTransport(source, () => on);
  };
  // With a client certificate, Deno dials the name that it verifies.
  return Object.assign(dial, { resolve: cert === undefined ? addressesOf : undefined });
}

async function plain({ scheme, host, address = host, port, path = "" }: Endpoint, signal: AbortSignal): Promise<Conn> {
  if (scheme === "unix") return native().connect({ transport: "unix", path });
  const conn = await native().connect({ hostname: address, port, signal });
  conn.setNoDelay?.();
  return conn;
}
