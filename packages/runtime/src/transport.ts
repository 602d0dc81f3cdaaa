// SPDX-License-Identifier: Apache-2.0

/** A connection as a runtime offers it: it translates and never decides. */
export interface Transport {
  /**
   * Writes a segment, always accepted.
   *
   * @param more another segment follows in this tick, so hold it back
   * @returns false where the runtime asks to wait for `drain`
   */
  write(bytes: Uint8Array, more: boolean): boolean;
  /** Stops reading until `resume`. */
  pause(): void;
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
  open(): void;
  /** Gives the chunk away: the transport never writes to it again, and reads on after this returned. */
  data(chunk: Uint8Array): void;
  /** The transport no longer reads the oldest `bytes` written; may come inside `write`. */
  written(bytes: number): void;
  drain(): void;
  close(error?: Error): void;
}

/** A listening socket. */
export interface Listener {
  readonly port: number;
  /** Accepts no more; connections there are stay. */
  close(): Promise<void>;
}

/** How a runtime listens: it calls `accept` for each connection, then `open` on what that returned. */
export type Listen = (
  at: { readonly host: string; readonly port: number },
  accept: (transport: Transport) => TransportHandler,
) => Promise<Listener>;

/** Where a server is. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** How a runtime dials: `on` hears of `open`, or of `close` where nobody answers. */
export type Dial = (to: Endpoint, on: TransportHandler) => Transport;
