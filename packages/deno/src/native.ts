// SPDX-License-Identifier: Apache-2.0

/** A connection of Deno's. */
export interface Conn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  /** Of TCP. */
  setNoDelay?(): void;
  /** Of TLS. */
  handshake?(): Promise<unknown>;
}

/** A listening socket of Deno's. */
export interface NativeListener {
  readonly addr: { readonly port: number };
  accept(): Promise<Conn>;
  close(): void;
}

/** Whose name a certificate must have, and who vouches for it: Deno's own authorities, and these. */
interface Trust {
  readonly hostname: string;
  readonly caCerts?: string[];
}

/** What is used of Deno. */
export interface Native {
  connect(
    to: { hostname: string; port: number; signal: AbortSignal } | { transport: "unix"; path: string },
  ): Promise<Conn>;
  connectTls(to: Trust & { port: number; cert: string; key: string }): Promise<Conn>;
  startTls(conn: Conn, trust: Trust): Promise<Conn>;
  listen(at: { hostname: string; port: number }): NativeListener;
  listenTls(at: { hostname: string; port: number; cert: string; key: string }): NativeListener;
  readTextFileSync(file: string): string;
}

/** Deno, where this is. */
export function native(): Native {
  const { Deno } = globalThis as { Deno?: Native };
  if (Deno === undefined) throw new Error("@natswire/deno needs Deno; for Node there is @natswire/node");
  return Deno;
}

/**
 * Agrees on TLS.
 *
 * @param signal gives it up
 * @throws Deno's error, and then the connection is closed
 */
export async function agree(conn: Conn, signal: AbortSignal): Promise<Conn> {
  const giveUp = (): void => shut(conn);
  signal.addEventListener("abort", giveUp);
  try {
    if (signal.aborted) giveUp();
    await conn.handshake?.();
    return conn;
  } catch (error) {
    shut(conn);
    throw error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** Closes it, if it is not closed already. */
export function shut(conn: Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // It was closed already, or became another by TLS.
  }
}
