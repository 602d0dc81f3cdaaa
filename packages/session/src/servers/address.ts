// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/** The address of a server, and how to dial it. */
export interface Endpoint {
  /** `tls-first` is TCP with a TLS handshake before INFO. */
  readonly scheme: "tcp" | "tls-first" | "unix" | "ws" | "wss";
  readonly host: string;
  readonly port: number;
  /** The IP address to dial, if the host is a name that was resolved. */
  readonly address?: string | undefined;
  /** The path of a unix socket, or of a WebSocket URL. */
  readonly path: string | undefined;
  /** The name that the certificate must have. */
  readonly serverName: string;
}

/** A server URL, read by `parseAddress`. */
export interface Address {
  readonly endpoint: Endpoint;
  /** TLS is required: the scheme is `tls` or `wss`. */
  readonly tls: boolean;
  /** The part before the `@`: a user and a password, or a token. */
  readonly user: string | undefined;
  readonly pass: string | undefined;
  readonly token: string | undefined;
}

// The default port of each scheme.
const ports: Readonly<Record<string, number>> = { nats: 4222, tcp: 4222, tls: 4222, ws: 80, wss: 443 };

// Scheme, user info, host, port, path. The user info ends at the last @; with another @, it has no comma. A host may be an IPv6
// address without brackets, and then there is no port.
const SHAPE =
  /^(?:([a-z]+):\/\/)?(?:([^@/]*|[^/,]*)@)?(\[[\da-f:.]+\]|(?=\S*::|(?:[\da-f]+:){6})[\da-f:.]+|[^:/@[\]\s,]+)(?::(\d{1,5}))?(\/\S*)?$/i;

/**
 * Reads server URLs, or lists of them with commas in between.
 *
 * @throws UsageError BAD_FIELD if one of them has another form
 */
export function parseServers(servers: readonly string[]): Address[] {
  return servers.flatMap((text) => {
    const isList = typeof text === "string" && text.includes(",") && !SHAPE.test(text.trim());
    return isList
      ? text
          .split(/[\s,]+/)
          .filter(Boolean)
          .map(parseAddress)
      : parseAddress(text);
  });
}

/**
 * Reads `nats://user:pass@host:4222`, `tls://host`, `wss://host/path`, `unix:/run/nats.sock`, `host:4222`, `host` or an IP
 * address, with or without brackets. Blanks around the text and capitals in the scheme do not matter; `tcp` means `nats`.
 *
 * @throws UsageError BAD_FIELD if it has another form. The text of the error contains no credentials.
 */
export function parseAddress(text: string): Address {
  const url = typeof text === "string" ? text.trim() : "";
  if (url.startsWith("unix:/")) {
    const path = url.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return {
      endpoint: { scheme: "unix", host: "localhost", port: 0, path, serverName: "localhost" },
      tls: false,
      ...credentialsOf(""),
    };
  }
  const parts = SHAPE.exec(url);
  const [, scheme = "nats", userinfo, bracketed = "", digits, path] = parts ?? [];
  const name = scheme.toLowerCase();
  const isWeb = name === "ws" || name === "wss";
  const port = Number(digits ?? ports[name]);
  if (
    parts === null ||
    !Object.hasOwn(ports, name) ||
    port < 1 ||
    port > 65_535 ||
    (path !== undefined && path !== "/" && !isWeb)
  ) {
    throw new UsageError(
      "BAD_FIELD",
      `${JSON.stringify(withoutUserinfo(String(text).trim()))} is not a server URL: use nats://host:port, tls://, ws://, wss:// or unix:/path`,
    );
  }
  const host = bracketed.replace(/^\[|\]$/g, "");
  const endpoint: Endpoint = {
    scheme: isWeb ? name : "tcp",
    host,
    port,
    path: isWeb ? (path ?? "/") : undefined,
    serverName: host,
  };
  return { endpoint, tls: name === "tls" || name === "wss", ...credentialsOf(userinfo) };
}

/** Returns whether an address is this machine: what is sent there never leaves it. */
export function isLoopback({ scheme, host }: Endpoint): boolean {
  return scheme === "unix" || host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Returns whether a host is an IP address, not a name. */
export function isIpAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}

/** Formats an address as `host:port`, `[::1]:port`, or the path of a unix socket. */
export function formatEndpoint({ scheme, host, port, path = "" }: Endpoint): string {
  return scheme === "unix" ? path : `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** Returns whether a runtime resolves the host: it is a name, and not the name of this machine. */
export function isResolvable({ scheme, host }: Endpoint): boolean {
  return /^t/.test(scheme) && host !== "localhost" && !isIpAddress(host);
}

/** Returns one key for all spellings of an address. */
export function keyOf({ scheme, host, port, path }: Endpoint): string {
  return `${scheme} ${host.toLowerCase()} ${port} ${path ?? ""}`;
}

/** Reads `user:password` or a token. Nothing, and a colon alone, are no credentials. */
function credentialsOf(userinfo = ""): Pick<Address, "user" | "pass" | "token"> {
  const [, user, pass, token] = /^(?!:$)([^:]*):(.*)$|^([^:]+)$/s.exec(userinfo) ?? [];
  return { user: user && decoded(user), pass: pass && decoded(pass), token: token && decoded(token) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns a text with `***` before its last `@`, back to a scheme or to its beginning: a password may contain anything. */
export function withoutUserinfo(text: string): string {
  return text.replace(/^([^@]*?(?:^|[\s"'])[a-z]+:\/\/)?.*@/is, "$1***@");
}
