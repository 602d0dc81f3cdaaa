// SPDX-License-Identifier: Apache-2.0
import {
  type AcceptConnection,
  type Listen,
  type TlsOffer,
  type Transport,
  type TransportHandler,
  UsageError,
} from "@natswire/io";
import { checkOptions, realClock, urlOf } from "@natswire/io/adapter";
import { listenFailure, reportHandshake } from "@natswire/io/adapter/server";
import { type Conn, closeQuietly, handshake, type Native, type NativeListener, native } from "./native.ts";
import { createTransport } from "./socket.ts";

/**
 * A certificate and its key, as PEM text.
 *
 * Deno cannot request client certificates. It leaves Nagle's algorithm on under TLS, which may delay small messages by 40 ms.
 */
export interface ServerTls {
  readonly cert: string;
  readonly key: string;
  /**
   * When TLS begins. It must be `first`, before INFO, for clients with `handshakeFirst`: Deno cannot upgrade a connection that
   * it accepted. The default is `required`, as in every runtime, and is rejected: other clients would wait for an INFO that
   * never comes.
   */
  readonly when?: TlsOffer["when"] | undefined;
  /**
   * Milliseconds for the whole handshake; 2,000 by default. A later client is rejected, but Deno keeps its socket until the
   * client sends something or closes it.
   */
  readonly handshakeTimeout?: number | undefined;
  /** Not supported by Deno: `true` is rejected. */
  readonly requestCert?: boolean | undefined;
}

/** Options of a listener: plain text without `tls`. */
export interface ListenOptions {
  readonly tls?: ServerTls | undefined;
}

const TIMEOUT = 2000;
// Connections that may wait to be accepted. The system's own limit is lower: 4,096 in Linux. Deno's is 511.
const BACKLOG = 65_535;
// Milliseconds until the next accept after one that failed: the client has gone, or too many files are open.
const PAUSE = 10;

/**
 * Listens on a TCP port in plain text.
 *
 * @throws Error with the `code` of Deno's error, for example EADDRINUSE, which is its `cause`
 */
export const listen: Listen = /* @__PURE__ */ listenWith({});

/**
 * Returns a `Listen` for a TCP port, for `serveWith` and `server.listen`.
 *
 * @throws UsageError BAD_FIELD if an option is unknown, `tls` has no certificate or key, `tls.when` is not `first`, or client
 * certificates are requested
 * @throws Error with the `code` of Deno's error, for example EADDRINUSE, which is its `cause`
 */
export function listenWith(options: ListenOptions): Listen {
  checkOptions(options, ["tls"], "listenWith");
  const { tls } = options;
  return async ({ host: hostname, port: wanted }, accept) => {
    if (tls !== undefined) check(tls);
    const at = { hostname, port: wanted, tcpBacklog: BACKLOG };
    const listener = await open(at, tls);
    const { port } = listener.addr;
    const closing = new AbortController();
    const { signal } = closing;
    const onConnection = tls ? secured(tls, accept, signal) : plain(accept);
    void acceptAll(listener, onConnection, signal);
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

const tlsOptions: readonly (keyof ServerTls)[] = ["cert", "key", "when", "handshakeTimeout", "requestCert"];

function check(tls: ServerTls): void {
  checkOptions(tls, tlsOptions, "tls");
  const { when = "required", requestCert = false, cert, key } = tls;
  if (when !== "first")
    throw new UsageError("BAD_FIELD", `tls.when must be "first" in Deno, not "${when}"; give clients handshakeFirst`);
  if (requestCert)
    throw new UsageError("BAD_FIELD", "tls.requestCert is not supported: Deno cannot request client certificates");
  if (typeof cert !== "string" || typeof key !== "string")
    throw new UsageError("BAD_FIELD", "tls of a server must have cert and key, as PEM text");
}

async function open(at: Parameters<Native["listen"]>[0], tls: ServerTls | undefined): Promise<NativeListener> {
  try {
    return tls ? native().listenTls({ ...at, cert: tls.cert, key: tls.key }) : native().listen(at);
  } catch (error) {
    const { code, message } = error as { readonly code?: string; readonly message: string };
    // Errors of the system have a code, except those of a look-up.
    if (tls === undefined || code !== undefined || message.includes("lookup"))
      return listenFailure(error, { ...at, host: at.hostname });
    // Deno does not say which of the two is wrong.
    const text = `tls.cert and tls.key must be a certificate and its private key in PEM: ${message}`;
    throw Object.assign(new UsageError("BAD_FIELD", text), { cause: error });
  }
}

async function acceptAll(
  listener: NativeListener,
  onConnection: (conn: Conn) => void,
  closing: AbortSignal,
): Promise<void> {
  while (true) {
    const conn = await listener.accept().catch(() => undefined);
    if (closing.aborted) return closeQuietly(conn);
    if (conn === undefined) await new Promise((resolve) => setTimeout(resolve, PAUSE));
    else onConnection(conn);
  }
}

/** Returns `accept` with the origin of a connection's client. */
function from({ remoteAddr }: Conn, accept: AcceptConnection): (transport: Transport) => TransportHandler {
  return (transport) => accept(transport, { address: remoteAddr.hostname, port: remoteAddr.port });
}

function plain(accept: AcceptConnection): (conn: Conn) => void {
  const undelayed = async (conn: Conn): Promise<Conn> => {
    // Some systems refuse it if the peer has gone already.
    conn.setNoDelay?.();
    return conn;
  };
  return (conn) => void createTransport({ open: () => undelayed(conn) }, from(conn, accept));
}

/** A client whose handshake fails or takes too long is disconnected; others do not wait for it. */
function secured(
  { handshakeTimeout = TIMEOUT }: ServerTls,
  accept: AcceptConnection,
  closing: AbortSignal,
): (conn: Conn) => void {
  return (conn) => {
    const cancelling = new AbortController();
    let cause: unknown;
    const end = (reason: string): void => {
      cause = new Error(reason);
      cancelling.abort();
    };
    const cancel = realClock.after(handshakeTimeout, () => end(`it took longer than ${handshakeTimeout} ms`));
    const onClosing = (): void => end("the server stopped listening");
    closing.addEventListener("abort", onClosing);
    const acceptFrom = from(conn, accept);
    handshake(conn, cancelling.signal)
      .then(
        () => void createTransport({ tls: { when: "first", verify: false }, open: async () => conn }, acceptFrom),
        (error) => reportHandshake(acceptFrom, cause ?? error),
      )
      .finally(() => {
        cancel();
        closing.removeEventListener("abort", onClosing);
      });
  };
}
