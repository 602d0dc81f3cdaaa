// SPDX-License-Identifier: Apache-2.0
import { type Listen, type TlsOffer, UsageError } from "@natswire/io";
import { realClock, urlOf } from "@natswire/io/adapter";
import { agree, type Conn, type NativeListener, native, shut } from "./native.ts";
import { type Accept, carry } from "./socket.ts";

/**
 * A certificate and its key, as PEM text. Deno asks no client for a certificate, and leaves Nagle's algorithm on under TLS
 * that it listens for: a few bytes close behind others may come 40 ms later.
 */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /**
   * When TLS begins. Deno cannot go on in TLS on a connection that it accepted, so it has to be `first`, before INFO,
   * for clients that are told so: `handshakeFirst`. Where it is left out it is `required`, as it is everywhere, and that
   * is refused: clients that were not told would wait for an INFO that never comes.
   */
  readonly when?: TlsOffer["when"] | undefined;
  /**
   * Milliseconds for the whole handshake; 2,000 where left out. Whoever is later is not let in, but Deno keeps the socket
   * until the client says something or goes.
   */
  readonly handshakeTimeout?: number | undefined;
  /** Node's, which Deno has not: `true` is refused. */
  readonly requestCert?: boolean | undefined;
}

/** How to listen: in plain text where nothing is said. */
export interface ListenOptions {
  readonly tls?: ServerTls | undefined;
}

const TIMEOUT = 2000;
// Milliseconds until the next is accepted after one that could not be: it was gone already, or too many files are open.
const PAUSE = 10;

/**
 * Listens on a TCP port.
 *
 * @throws Deno's error, `AddrInUse` for instance
 */
export const listen: Listen = /* @__PURE__ */ listenWith({});

/**
 * Listens on a TCP port with TLS, for `serveWith` and as a further door of a server.
 *
 * @throws UsageError BAD_FIELD where TLS is to begin behind INFO, or client certificates are asked for
 * @throws Deno's error, `AddrInUse` for instance, and where a key or a certificate is none
 */
export function listenWith({ tls }: ListenOptions): Listen {
  return async ({ host: hostname, port: wanted }, accept) => {
    if (tls !== undefined) check(tls);
    const at = { hostname, port: wanted };
    const listener = tls ? native().listenTls({ ...at, cert: tls.cert, key: tls.key }) : native().listen(at);
    const { port } = listener.addr;
    const closing = new AbortController();
    const { signal } = closing;
    const welcome = tls ? secured(tls, accept, signal) : plain(accept);
    void acceptAll(listener, welcome, signal);
    return {
      url: urlOf(tls ? "tls" : "nats", { host: hostname, port }),
      port,
      async close() {
        if (signal.aborted) return;
        closing.abort();
        listener.close();
      },
    };
  };
}

function check({ when = "required", requestCert = false }: ServerTls): void {
  if (when !== "first") {
    throw new UsageError(
      "BAD_FIELD",
      `tls.when: Deno has no TLS behind INFO, "${when}", for a server: say when: "first", and handshakeFirst to clients`,
    );
  }
  if (requestCert) throw new UsageError("BAD_FIELD", "tls.requestCert: Deno asks no client for a certificate");
}

async function acceptAll(listener: NativeListener, welcome: (conn: Conn) => void, closing: AbortSignal): Promise<void> {
  while (true) {
    const conn = await listener.accept().catch(() => undefined);
    if (closing.aborted) return shut(conn);
    if (conn === undefined) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    else welcome(conn);
  }
}

function plain(accept: Accept): (conn: Conn) => void {
  const undelayed = async (conn: Conn): Promise<Conn> => {
    // Some systems refuse it where the peer has gone already.
    conn.setNoDelay?.();
    return conn;
  };
  return (conn) => void carry({ open: () => undelayed(conn) }, accept);
}

/** Whose handshake fails, or takes too long, is left without a word, and nobody else waits for it. */
function secured(
  { handshakeTimeout = TIMEOUT }: ServerTls,
  accept: Accept,
  closing: AbortSignal,
): (conn: Conn) => void {
  const tls: TlsOffer = { when: "first", verify: false };
  return (conn) => {
    const late = new AbortController();
    const giveUp = (): void => late.abort();
    const cancel = realClock.after(handshakeTimeout, giveUp);
    closing.addEventListener("abort", giveUp);
    agree(conn, late.signal)
      .then(
        () => void carry({ tls, open: async () => conn }, accept),
        () => {},
      )
      .finally(() => {
        cancel();
        closing.removeEventListener("abort", giveUp);
      });
  };
}
