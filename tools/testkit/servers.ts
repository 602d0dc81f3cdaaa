// SPDX-License-Identifier: Apache-2.0
import { type ServeOptions, type ServerTls, serve } from "@natswire/node";
import { listenWith } from "@natswire/node/websocket";
import type { Certificate } from "./certificates.ts";
import { natsServerVersion, startNatsServer, tlsConfig } from "./nats-server.ts";

/** The servers that a test runs against: the embedded one, and the real one that shows that the test is right. */
export const serverKinds = ["the embedded server", "a real nats-server"] as const;
export type ServerKind = (typeof serverKinds)[number];

/** One setup for both kinds of server. */
export interface ServerSetup {
  /** Options of the embedded server. */
  readonly options?: ServeOptions | undefined;
  /** The same for a real nats-server, as lines of its configuration. */
  readonly config?: string | undefined;
  readonly tls?: TlsSetup | undefined;
  /** Fixed ports; free ones by default. */
  readonly ports?: Ports | undefined;
}

/** How a server uses TLS. */
export interface TlsSetup {
  readonly server: Certificate;
  readonly ca: Certificate;
  /** Requires a certificate of the client. */
  readonly verify?: boolean;
  /** Starts TLS before INFO. */
  readonly handshakeFirst?: boolean;
}

export interface Ports {
  readonly port: number;
  readonly webSocketPort?: number;
}

/** A server that listens for TCP and WebSocket connections. */
export interface RunningServer {
  readonly port: number;
  readonly webSocketPort: number;
  /** Enters lame duck mode: notifies the clients that the server is about to stop. */
  lameDuck(): void;
  close(): Promise<void>;
}

/** Starts a server of either kind. */
export function startServer(kind: ServerKind, setup: ServerSetup = {}): Promise<RunningServer> {
  return kind === "a real nats-server" ? startReal(setup) : startEmbedded(setup);
}

/** Returns whether a server can start TLS before INFO: nats-server can since 2.10.4. */
export function supportsHandshakeFirst(kind: ServerKind, version: string = natsServerVersion()): boolean {
  return kind !== "a real nats-server" || version.localeCompare("2.10.4", "en", { numeric: true }) >= 0;
}

async function startEmbedded({ options, tls, ports }: ServerSetup): Promise<RunningServer> {
  const when = tls?.handshakeFirst ? "first" : "required";
  const server = await serve({ port: ports?.port ?? 0, tls: tls && { ...embeddedTls(tls), when }, ...options });
  const listener = listenWith({ tls: tls && embeddedTls(tls) });
  const webSocket = await server.listen(listener, { port: ports?.webSocketPort ?? 0 });
  return {
    port: server.port,
    webSocketPort: webSocket.port,
    lameDuck: () => void server.lameDuck(),
    close: () => server.close(),
  };
}

function embeddedTls({ server: { cert, key }, ca, verify = false }: TlsSetup): Omit<ServerTls, "when"> {
  return { cert, key, ca: ca.cert, requestCert: verify, rejectUnauthorized: verify };
}

async function startReal({ config = "", tls, ports }: ServerSetup): Promise<RunningServer> {
  const first = tls?.handshakeFirst && supportsHandshakeFirst("a real nats-server") ? ["handshake_first: true"] : [];
  const port = ports?.webSocketPort ?? -1;
  const webSocket = tls === undefined ? "no_tls: true" : realTls(tls);
  const parts = [
    config,
    tls === undefined ? "" : realTls(tls, ...first),
    `websocket { host: 127.0.0.1, port: ${port}, ${webSocket} }`,
  ];
  const server = await startNatsServer(parts.join("\n"), ports?.port);
  return {
    port: server.port,
    webSocketPort: server.webSocketPort!,
    lameDuck: () => server.lameDuck(),
    close: () => server.stop(),
  };
}

function realTls({ server, ca, verify = false }: TlsSetup, ...more: readonly string[]): string {
  return tlsConfig(server, `ca_file: "${ca.certFile}"`, `verify: ${verify}`, ...more);
}
