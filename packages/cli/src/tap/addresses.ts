// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { ListenAddress } from "@natswire/io";
import { parseAddress, urlOf } from "@natswire/io/adapter";
import { InvalidArgumentError } from "commander";
import { listenAddress } from "../arguments.ts";

/** How bytes travel: `nats` is TCP, and `tls` starts after INFO. */
export type Scheme = "nats" | "tls" | "ws" | "wss" | "unix";

/** Where a tap listens, or what it forwards to. */
export interface TapAddress extends ListenAddress {
  readonly scheme: Scheme;
  /** The path of a unix socket, or of a WebSocket URL. */
  readonly path: string | undefined;
}

/** Parses the URL of a server: `nats://`, `tls://`, `ws://`, `wss://` or `unix:/path`. Credentials are dropped. */
export function upstreamAddress(value: string): TapAddress {
  try {
    const { endpoint, tls } = parseAddress(value);
    const { scheme, host, port, path } = endpoint;
    return { scheme: scheme === "tcp" ? (tls ? "tls" : "nats") : (scheme as "ws" | "wss" | "unix"), host, port, path };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new InvalidArgumentError(`${error.message}.`);
  }
}

/** Parses where to listen: a port, `host:port`, a URL with `nats://`, `tls://`, `ws://` or `wss://`, or `unix:/path`. */
export function tapAddress(value: string): TapAddress {
  if (value.startsWith("unix:/")) {
    return { scheme: "unix", host: "localhost", port: 0, path: value.slice("unix:".length).replace(/^\/\/(?=\/)/, "") };
  }
  const [, scheme = "nats", address = value] = /^(nats|tls|ws|wss):\/\/([^/]+)\/?$/.exec(value) ?? [];
  return { scheme: scheme as Scheme, ...listenAddress(address), path: undefined };
}

/** Returns an address as a URL. */
export function formatAddress({ scheme, host, port, path }: TapAddress): string {
  return scheme === "unix" ? `unix:${path}` : `${urlOf(scheme, { host, port })}${path === "/" ? "" : (path ?? "")}`;
}

/** Returns the address of a client as a text, if it is known. */
export function formatPeer(address: string | undefined, port: number | undefined): string | undefined {
  if (address === undefined || port === undefined) return undefined;
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Returns whether a connection to one address may reach the other. Names of all interfaces include the loopback. */
export function isSameAddress(a: TapAddress, b: TapAddress): boolean {
  if (a.scheme === "unix" || b.scheme === "unix") return a.scheme === b.scheme && a.path === b.path;
  const hosts = [a.host, b.host];
  const areLocal = hosts.every((host) => /^(localhost|0\.0\.0\.0|::1?|127\.[\d.]+)$/i.test(host));
  const hasAny = hosts.some((host) => /^(localhost|0\.0\.0\.0|::)$/i.test(host));
  return a.port === b.port && (a.host === b.host || (areLocal && hasAny));
}
