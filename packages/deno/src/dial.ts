// SPDX-License-Identifier: Apache-2.0
import type { Dial, Endpoint } from "@natswire/io";
import { checkScheme, type Pem, readPem } from "@natswire/io/adapter";
import { agree, type Conn, native } from "./native.ts";
import { carry, type Source } from "./socket.ts";

/** Certificates as PEM text, or files of them; authorities are those that Deno trusts, and these. */
export interface ClientTls extends Pem {
  /**
   * The client's own certificate, for TLS before INFO alone: `Deno.startTls` takes none. With one, a server's certificate
   * is held against the host that was dialled, of a server that another told of too: `Deno.connectTls` asks for no other
   * name. Nor does it take a signal: a dial that is given up before it is answered ends when the system gives it up.
   */
  readonly cert?: string | undefined;
}

/** Dials a TCP port or a unix socket. */
export const dial: Dial = /* @__PURE__ */ dialWith();

/**
 * Dials a TCP port or a unix socket, with these certificates where the server speaks TLS.
 *
 * @throws the file system's error where one of the files cannot be read
 */
export function dialWith(tls: ClientTls = {}): Dial {
  const { ca, cert, key } = readPem(tls, (file) => native().readTextFileSync(file));
  const trust = ca === undefined ? {} : { caCerts: ca };
  const secured = async (conn: Conn, { serverName: hostname }: Endpoint): Promise<Conn> => {
    if (cert !== undefined) {
      throw new Error(
        "Deno.startTls takes no client certificate: it needs a server with TLS first, and handshakeFirst",
      );
    }
    return native().startTls(conn, { hostname, ...trust });
  };
  const first = async (to: Endpoint, signal: AbortSignal): Promise<Conn> => {
    if (cert === undefined || key === undefined) return secured(await plain(to, signal), to);
    return native().connectTls({ hostname: to.host, port: to.port, cert, key, ...trust });
  };
  return (to, on) => {
    checkScheme(to);
    const source: Source = {
      async open(signal) {
        if (to.scheme !== "tls-first") return plain(to, signal);
        return agree(await first(to, signal), signal);
      },
      upgrade: async (conn, signal) => agree(await secured(conn, to), signal),
    };
    return carry(source, () => on);
  };
}

async function plain({ scheme, host, port, path = "" }: Endpoint, signal: AbortSignal): Promise<Conn> {
  if (scheme === "unix") return native().connect({ transport: "unix", path });
  const conn = await native().connect({ hostname: host, port, signal });
  conn.setNoDelay?.();
  return conn;
}
