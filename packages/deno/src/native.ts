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
  readTextFileSync(file: string): string;
}

/** Deno, where this is. */
export function native(): Native {
  const { Deno } = globalThis as { Deno?: Native };
  if (Deno === undefined) throw new Error("@natswire/deno needs Deno; for Node there is @natswire/node");
  return Deno;
}

/** Closes it, if it is not closed already. */
export function shut(conn: Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // It was closed already, or became another by TLS.
  }
}
