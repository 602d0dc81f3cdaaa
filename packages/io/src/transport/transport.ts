// SPDX-License-Identifier: Apache-2.0
import type { TlsOffer } from "@natswire/server";
import type { Endpoint } from "@natswire/session";

/** Milliseconds a peer may take to read the last bytes before its connection is ended. */
export const DEFAULT_GRACE_MS = 1000;

/** A connection as a runtime offers it: it translates and never decides. */
export interface Transport {
  /** How a server's connection comes to speak TLS; not at all where that is left out. */
  readonly tls?: TlsOffer | undefined;
  /**
   * Writes a segment, always accepted.
   *
   * @param more another segment follows in this tick, so hold it back
   * @returns false where the runtime asks to wait for `drain`
   */
  write(bytes: Uint8Array, more: boolean): boolean;
  /**
   * On a server's side: takes part in a TLS handshake behind what was written, or in plain text that was offered as
   * well; where TLS is `required` or `available`, nothing is read before. On a client's: goes on in TLS, and reports
   * `secure`. What is written meanwhile waits, and `close` ends it at once.
   */
  startTls?(): void;
  /** Stops reading until `resume`. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /**
   * Ends the connection after what was written; input is discarded from here on.
   *
   * @param linger milliseconds the peer may take to read it; 1,000 where left out
   */
  close(linger?: number): void;
  /** Ends the connection now. */
  abort(): void;
}

/** What a transport reports; `close` exactly once, and last. */
export interface TransportHandler {
  /** The connection is there; before it nothing else is reported but `close`. */
  open(): void;
  /** Gives the chunk away: the transport never writes to it again, and reads on after this returned. */
  data(chunk: Uint8Array): void;
  /** The transport no longer reads the oldest `bytes` written; may come inside `write`. */
  written(bytes: number): void;
  /** There is room again, behind a `write` that returned false. */
  ready(): void;
  /** The TLS that was begun is there. */
  secure?(): void;
  /** The connection has ended or did not come to be: with an error where that was nobody's wish, whose message people read. */
  close(error?: Error): void;
}

/** A listening socket. */
export interface Listener {
  /** What a client connects to, as `nats://host:port`. */
  readonly url: string;
  readonly port: number;
  /** Accepts no more, and gives up handshakes under way; connections there are stay. */
  close(): Promise<void>;
}

/** How a runtime listens: it calls `accept` for each connection, then `open` on what that returned. */
export type Listen = (at: ListenAddress, accept: (transport: Transport) => TransportHandler) => Promise<Listener>;

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What a client connects to, for the `url` of a Listener. */
export function urlOf(scheme: "nats" | "tls" | "ws" | "wss", { host, port }: ListenAddress): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** @throws Error where a WebSocket is asked for of what dials sockets */
export function checkScheme({ scheme }: Endpoint): void {
  if (scheme.startsWith("ws")) throw new Error(`${scheme}:// is spoken by @natswire/websocket`);
}

/** How a runtime dials: `on` hears of `open`, or of `close` where nobody answers. Neither comes before it returned. */
export type Dial = (to: Endpoint, on: TransportHandler) => Transport;
