// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/** Where a server is, and how it is dialled. */
export interface Endpoint {
  /** `tls-first` is TCP with a TLS handshake before anything is said. */
  readonly scheme: "tcp" | "tls-first" | "unix" | "ws" | "wss";
  readonly host: string;
  readonly port: number;
  /** Of a unix socket, or of a WebSocket's URL. */
  readonly path: string | undefined;
  /** Whose name a certificate must have. */
  readonly serverName: string;
}

/** What a server's URL says. */
export interface Address {
  readonly endpoint: Endpoint;
  /** `tls://` and `wss://`: nothing but TLS will do. */
  readonly tls: boolean;
  /** What stood before the `@`: a name and a password, or a token alone. */
  readonly user: string | undefined;
  readonly pass: string | undefined;
  readonly token: string | undefined;
}

const schemes: Readonly<Record<string, { scheme: Endpoint["scheme"]; port: number; tls: boolean }>> = {
  nats: { scheme: "tcp", port: 4222, tls: false },
  tls: { scheme: "tcp", port: 4222, tls: true },
  ws: { scheme: "ws", port: 80, tls: false },
  wss: { scheme: "wss", port: 443, tls: true },
};

// Scheme, what stands before the @, host, port, path.
const SHAPE = /^(?:([a-z]+):\/\/)?(?:([^@/]*)@)?(\[[0-9a-fA-F:.]+\]|[^:/@[\]\s]+)(?::(\d{1,5}))?(\/\S*)?$/;

/**
 * Reads `nats://user:pass@host:4222`, `tls://host`, `wss://host/path`, `unix:/run/nats.sock`, `host:4222` or `host`.
 *
 * @throws UsageError BAD_FIELD where it is none of these; the text of the error has no credentials
 */
export function parseAddress(url: string): Address {
  const nobody = { user: undefined, pass: undefined, token: undefined };
  if (typeof url === "string" && url.startsWith("unix:/")) {
    const path = url.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return {
      endpoint: { scheme: "unix", host: "localhost", port: 0, path, serverName: "localhost" },
      tls: false,
      ...nobody,
    };
  }
  const parts = typeof url === "string" ? SHAPE.exec(url) : null;
  const [, name = "nats", userinfo, bracketed = "", digits, path] = parts ?? [];
  const known = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  const port = Number(digits ?? known?.port);
  if (
    parts === null ||
    known === undefined ||
    port < 1 ||
    port > 65_535 ||
    (path !== undefined && path !== "/" && !/^ws/.test(name))
  ) {
    throw new UsageError(
      "BAD_FIELD",
      `${JSON.stringify(withoutUserinfo(String(url)))} is no server: nats://host:port, tls://, ws:// or wss://`,
    );
  }
  const host = bracketed.replace(/^\[|\]$/g, "");
  const endpoint = {
    scheme: known.scheme,
    host,
    port,
    path: /^ws/.test(name) ? (path ?? "/") : undefined,
    serverName: host,
  };
  return { endpoint, tls: known.tls, ...credentialsOf(userinfo) };
}

/** Whether a certificate can say nothing that the address does not: the machine itself. */
export function isLoopback({ scheme, host }: Endpoint): boolean {
  return scheme === "unix" || host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** How an address is written: `host:port`, `[::1]:port`, or the path of a unix socket. */
export function formatEndpoint({ scheme, host, port, path = "" }: Endpoint): string {
  return scheme === "unix" ? path : `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** One name for two spellings of the same place. */
export function keyOf({ scheme, host, port, path }: Endpoint): string {
  return `${scheme} ${host.toLowerCase()} ${port} ${path ?? ""}`;
}

function credentialsOf(userinfo: string | undefined): Pick<Address, "user" | "pass" | "token"> {
  if (userinfo === undefined || userinfo === "") return { user: undefined, pass: undefined, token: undefined };
  const colon = userinfo.indexOf(":");
  if (colon < 0) return { user: undefined, pass: undefined, token: decoded(userinfo) };
  return { user: decoded(userinfo.slice(0, colon)), pass: decoded(userinfo.slice(colon + 1)), token: undefined };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A text without what stands in front of its last `@`, back to a scheme or to its beginning: a password may be anything. */
export function withoutUserinfo(text: string): string {
  return text.replace(/^([^@]*?(?:^|[\s"'])[a-z]+:\/\/)?.*@/is, "$1***@");
}
