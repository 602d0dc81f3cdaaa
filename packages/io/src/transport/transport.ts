// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { ClientOrigin, TlsOffer } from "@natswire/server";
import type { Endpoint } from "@natswire/session";

/** Milliseconds that a peer may take by default to read the last bytes of a closed connection. */
export const DEFAULT_GRACE_MS = 1000;

/** Bytes that wait to be sent above which `Transport.write` returns false. */
export const HIGH_WATER = 65_536;

/**
 * A connection as a runtime offers it: it carries bytes and decides nothing.
 *
 * It reports to its TransportHandler, never from inside a call that it gets, except `written`. No method throws. After `close`,
 * `abort` or the handler's `close`, every method does nothing. An error of the connection is reported once, by `close(error)`.
 */
export interface Transport {
  /** When a server's connection starts TLS; undefined if it never does. */
  readonly tls?: TlsOffer | undefined;
  /**
   * Writes a segment, which is always accepted. It must not change until it is reported as `written`.
   *
   * @param more true if another segment follows in this tick; the transport may hold this one back until then
   * @returns false if more than 64 KiB wait; the caller should wait for `ready`
   */
  write(bytes: Uint8Array, more: boolean): boolean;
  /**
   * Upgrades the connection to TLS after what was written; what is written during the handshake is sent after it.
   *
   * A client calls it while `data` reports INFO. It reports `secure` after the handshake. A server's transport waits for the client to start TLS, or continues in plain text
   * if TLS is only `available`; with `required` and `available` it reads nothing before this call.
   */
  startTls?(): void;
  /** Stops reading until `resume`; at most one more chunk may be reported. */
  pause(): void;
  /** Continues reading. */
  resume(): void;
  /**
   * Closes the connection after sending what was written. Input is discarded from now on. During a TLS handshake it ends at
   * once.
   *
   * @param grace milliseconds that the peer may take to read it; then the connection is aborted. 1,000 by default
   */
  close(grace?: number): void;
  /** Ends the connection at once; what was not sent is lost. */
  abort(): void;
}

/** Receives what a transport reports: `open` first, `close` last, each at most once; `close` is always reported. */
export interface TransportHandler {
  /** The connection is open. Before it, only `close` may be reported. */
  open(): void;
  /** Bytes were received. The chunk is given away: the transport never writes to its memory again. */
  data(chunk: Uint8Array): void;
  /** The transport no longer reads the oldest `bytes` of what was written. May be called inside `write`. */
  written(bytes: number): void;
  /** There is room again, after a `write` that returned false. */
  ready(): void;
  /** The TLS handshake of `startTls` is done. */
  secure?(): void;
  /** The connection has ended or was never opened; with an error if it ended unexpectedly. Its message is shown to people. */
  close(error?: Error): void;
}

/** A listening socket. */
export interface Listener {
  /** The URL that clients connect to, for example `nats://127.0.0.1:4222`. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting, and ends handshakes in progress; open connections stay. */
  close(): Promise<void>;
}

/** Listens on an address. For each connection it calls `accept`, then `open` of the handler that `accept` returned. */
export type Listen = (at: ListenAddress, accept: AcceptConnection, limits?: ListenLimits) => Promise<Listener>;

/** Limits of the server, for listeners that buffer what they receive. */
export interface ListenLimits {
  /** Bytes of the largest message. */
  readonly maxPayload: number;
}

/**
 * Accepts a connection.
 *
 * @param origin where the client connects from, as far as the transport knows it. It is read when it is needed: a client has a
 * certificate only after the TLS handshake
 */
export type AcceptConnection = (
  transport: Transport,
  origin?: Partial<Omit<ClientOrigin, "listener">>,
) => TransportHandler;

/** The address to listen on; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Returns the URL that clients connect to. */
export function urlOf(scheme: "nats" | "tls" | "ws" | "wss" | "http", { host, port }: ListenAddress): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * Checks that a server can be reached with sockets.
 *
 * @throws UsageError BAD_FIELD if its scheme is `ws` or `wss`
 */
export function checkScheme({ scheme }: Endpoint, adapter: string): void {
  if (!scheme.startsWith("ws")) return;
  throw new UsageError("BAD_FIELD", `${adapter} does not speak ${scheme}://; use @natswire/websocket`);
}

/** Returns the IP addresses of a host name. Without any, the name is dialed. If it throws or rejects, the attempt fails. */
export type Resolve = (host: string) => readonly string[] | Promise<readonly string[]>;

/** Opens connections to servers. */
export interface Dial {
  /**
   * Opens a connection, and reports to `on`: `open`, or `close` if it failed. Neither is reported before this call has returned.
   * If it throws, the attempt fails.
   *
   * @param to the server; its `address` is dialed if it is set, otherwise its `host`
   */
  (to: Endpoint, on: TransportHandler): Transport;
  /**
   * Checks a configured server before it is dialed.
   *
   * @throws UsageError BAD_FIELD if it can never be reached, for example because of its scheme; `connect` then throws this error
   */
  readonly check?: ((to: Endpoint) => void) | undefined;
  /** Resolves host names, if the connection is to try all addresses of a name. */
  readonly resolve?: Resolve | undefined;
}
