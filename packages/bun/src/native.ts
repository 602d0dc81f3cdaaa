// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/io";
import type { MonitorHost } from "@natswire/io/adapter/server";

/** A connection of Bun. */
export interface Socket {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  /** The handlers of a connection that a listener accepted. */
  data: Handlers | undefined;
  /** Writes as many bytes as there is room for. Returns how many, or a negative number if it is closed. */
  write(bytes: Uint8Array): number;
  /** Ends the writable half. */
  shutdown(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  setNoDelay(on: boolean): void;
  /** Upgrades to TLS: the second socket is read and written from then on; the first one reports encrypted bytes. */
  upgradeTLS(options: { tls: Tls; socket: Handlers }): readonly [raw: Socket, secure: Socket];
}

/** What Bun reports of a connection; each chunk of `data` has memory of its own. */
export interface Handlers {
  readonly binaryType: "uint8array";
  open(socket: Socket): void;
  data(socket: Socket, chunk: Uint8Array): void;
  drain(socket: Socket): void;
  close(socket: Socket, error?: Error): void;
  error(socket: Socket, error: Error): void;
  handshake(socket: Socket, isDone: boolean, error: Error | null): void;
}

/** Certificates as PEM text, and what is required of the peer's certificate. */
export interface Tls {
  readonly ca?: string | string[] | undefined;
  readonly cert?: string | string[] | undefined;
  readonly key?: string | string[] | undefined;
  readonly passphrase?: string | undefined;
  readonly serverName?: string;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/** An address, and the handlers of what happens there. */
export type At = ({ hostname: string; port: number } | { unix: string }) & { socket: Handlers };

/** The part of Bun that is used. */
export interface Native {
  connect(to: At): Promise<Socket>;
  listen(at: At): { readonly port: number; stop(): void };
}

/**
 * Returns Bun.
 *
 * @throws UsageError BAD_FIELD in another runtime
 */
export function native(): Native {
  const { Bun } = globalThis as { Bun?: Native };
  if (Bun === undefined) throw new UsageError("BAD_FIELD", "@natswire/bun needs Bun; use @natswire/node in Node");
  return Bun;
}

/** Returns the text of a file. Bun's own files would be read later, too late to throw. */
export function textOf(file: string): string {
  return host.process.getBuiltinModule("node:fs").readFileSync(file, "utf8");
}

/** Returns the addresses of a host name, as the system resolves it. */
export async function addressesOf(name: string): Promise<string[]> {
  const { lookup } = host.process.getBuiltinModule("node:dns").promises;
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/**
 * Checks key and certificate without a socket: Bun itself checks them at the first connection.
 *
 * @throws Error if one of them is not valid, or they do not match
 */
export function validate({ cert, key, ca, passphrase }: Tls): void {
  host.process.getBuiltinModule("node:tls").createSecureContext({ cert, key, ca, passphrase });
}

/** Returns Bun's modules of Node for `serveMonitor`. */
export function monitorHost(): MonitorHost {
  const { process, navigator } = host;
  return { http: process.getBuiltinModule("node:http"), process, cores: navigator.hardwareConcurrency };
}

const host = globalThis as unknown as {
  readonly navigator: { readonly hardwareConcurrency: number };
  readonly process: MonitorHost["process"] & {
    getBuiltinModule(name: "node:http"): MonitorHost["http"];
    getBuiltinModule(name: "node:fs"): { readFileSync(file: string, encoding: "utf8"): string };
    getBuiltinModule(name: "node:dns"): {
      readonly promises: { lookup(host: string, options: { all: true }): Promise<{ readonly address: string }[]> };
    };
    getBuiltinModule(name: "node:tls"): { createSecureContext(tls: Tls): unknown };
  };
};
