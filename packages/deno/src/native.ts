// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/io";
import type { MonitorHost } from "@natswire/io/adapter/server";

/** A connection of Deno. */
export interface Conn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  readonly remoteAddr: { readonly hostname?: string; readonly port?: number };
  /** Only of TCP. */
  setNoDelay?(): void;
  /** Only of TLS. */
  handshake?(): Promise<unknown>;
}

/** A listening socket of Deno. */
export interface NativeListener {
  readonly addr: { readonly port: number };
  accept(): Promise<Conn>;
  close(): void;
}

/** The name that a certificate must have, and authorities in addition to those that Deno trusts. */
interface Trust {
  readonly hostname: string;
  readonly caCerts?: string[];
}

/** The part of Deno that is used. */
export interface Native {
  connect(
    to: { hostname: string; port: number; signal: AbortSignal } | { transport: "unix"; path: string },
  ): Promise<Conn>;
  connectTls(to: Trust & { port: number; cert: string; key: string }): Promise<Conn>;
  startTls(conn: Conn, trust: Trust): Promise<Conn>;
  listen(at: { hostname: string; port: number; tcpBacklog: number }): NativeListener;
  listenTls(at: { hostname: string; port: number; tcpBacklog: number; cert: string; key: string }): NativeListener;
  readTextFileSync(file: string): string;
}

/** The part of Node's `process` that is used. Deno has it since version 2.1. */
interface NodeProcess {
  getBuiltinModule?(name: "node:dns"): {
    readonly promises: {
      lookup(host: string, options: { all: true }): Promise<{ readonly address: string }[]>;
    };
  };
}

/** Returns Deno's modules of Node for `serveMonitor`. */
export function monitorHost(): MonitorHost {
  const { process, navigator } = globalThis as unknown as {
    readonly process: MonitorHost["process"] & { getBuiltinModule(name: "node:http"): MonitorHost["http"] };
    readonly navigator: { readonly hardwareConcurrency: number };
  };
  return { http: process.getBuiltinModule("node:http"), process, cores: navigator.hardwareConcurrency };
}

/**
 * Returns Deno.
 *
 * @throws UsageError BAD_FIELD in another runtime
 */
export function native(): Native {
  const { Deno } = globalThis as { Deno?: Native };
  if (Deno === undefined) throw new UsageError("BAD_FIELD", "@natswire/deno needs Deno; use @natswire/node in Node");
  return Deno;
}

/** Returns the addresses of a host name, as the system resolves it. `Deno.resolveDns` asks name servers only. */
export async function addressesOf(host: string): Promise<string[]> {
  const { process } = globalThis as unknown as { readonly process?: NodeProcess };
  const found = await process?.getBuiltinModule?.("node:dns").promises.lookup(host, { all: true });
  return found?.map(({ address }) => address) ?? [];
}

/**
 * Resolves after the TLS handshake of a connection.
 *
 * @param signal cancels the handshake
 * @throws Deno's error; the connection is then closed
 */
export async function handshake(conn: Conn, signal: AbortSignal): Promise<Conn> {
  const cancel = (): void => closeQuietly(conn);
  signal.addEventListener("abort", cancel);
  try {
    if (signal.aborted) cancel();
    await conn.handshake?.();
    return conn;
  } catch (error) {
    closeQuietly(conn);
    throw error;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

/** Closes a connection, if it is not closed already. */
export function closeQuietly(conn: Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // It was closed already, or replaced by its TLS connection.
  }
}
