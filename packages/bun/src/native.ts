// SPDX-License-Identifier: Apache-2.0

/** A connection of Bun's. */
export interface Socket {
  /** What the listener's handlers know it by. */
  data: Handlers | undefined;
  /** Takes as many bytes as there is room for, and says how many; fewer than none where it is closed. */
  write(bytes: Uint8Array): number;
  /** Ends the half that is written to. */
  shutdown(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(on: boolean): void;
  /** Goes on in TLS: what is read and written from then on is the second; the first shows what goes by underneath. */
  upgradeTLS(options: { tls: Tls; socket: Handlers }): readonly [raw: Socket, secure: Socket];
}

/** What Bun reports of a connection; `data` in memory of its own. */
export interface Handlers {
  readonly binaryType: "uint8array";
  open(socket: Socket): void;
  data(socket: Socket, chunk: Uint8Array): void;
  drain(socket: Socket): void;
  close(socket: Socket, error?: Error): void;
  error(socket: Socket, error: Error): void;
  handshake(socket: Socket, isDone: boolean, error: Error | null): void;
}

/** Certificates as PEM text, and what is asked of the other side's. */
export interface Tls {
  readonly ca?: string | string[] | undefined;
  readonly cert?: string | string[] | undefined;
  readonly key?: string | string[] | undefined;
  readonly passphrase?: string | undefined;
  readonly serverName?: string;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/** A place, and who hears of what happens there. */
export type At = ({ hostname: string; port: number } | { unix: string }) & { socket: Handlers };

/** What is used of Bun. */
export interface Native {
  connect(to: At): Promise<Socket>;
  listen(at: At): { readonly port: number; stop(): void };
}

/** Bun, where this is. */
export function native(): Native {
  const { Bun } = globalThis as { Bun?: Native };
  if (Bun === undefined) throw new Error("@natswire/bun needs Bun; for Node there is @natswire/node");
  return Bun;
}

/** The text of a file: Bun's own files are read later, when nobody is there to be told that there is none. */
export function textOf(file: string): string {
  return host.process.getBuiltinModule("node:fs").readFileSync(file, "utf8");
}

/**
 * Holds key and certificate against each other, without a socket: Bun's own would tell with the first connection.
 *
 * @throws Error where one of them is none, or belongs to another
 */
export function validate({ cert, key, ca, passphrase }: Tls): void {
  host.process.getBuiltinModule("node:tls").createSecureContext({ cert, key, ca, passphrase });
}

const host = globalThis as unknown as {
  readonly process: {
    getBuiltinModule(name: "node:fs"): { readFileSync(file: string, encoding: "utf8"): string };
    getBuiltinModule(name: "node:tls"): { createSecureContext(tls: Tls): unknown };
  };
};
