// SPDX-License-Identifier: Apache-2.0
import { type Authorizer, type ServerTls, serve } from "@natswire/node";
import { listenWith } from "@natswire/node/websocket";
import type { Certificate } from "../../testkit/certificates.ts";
import { natsServerVersion, startNatsServer } from "../../testkit/nats-server.ts";

/** The same setting twice: how ours is told, and how the real one is. */
export interface Setting {
  readonly authorize?: Authorizer;
  readonly config?: string;
  readonly tls?: Tls | undefined;
  /** Free ones where left out. */
  readonly at?: Ports;
}

interface Tls {
  readonly server: Certificate;
  readonly ca: Certificate;
  /** Whether a certificate of the client's is asked for. */
  readonly verify?: boolean;
  /** Whether TLS comes before INFO. */
  readonly first?: boolean;
}

export interface Ports {
  readonly port: number;
  readonly webSocketPort: number;
}

/** A server with two doors: TCP and WebSocket. */
export interface Opened extends Ports {
  close(): Promise<void>;
}

/** The servers the suite is played against: ours, and the real one. */
export const kinds = ["the embedded server", "a real nats-server"] as const;
export type Kind = (typeof kinds)[number];

/** Opens one. */
export function open(kind: Kind, setting: Setting = {}): Promise<Opened> {
  return kind === "a real nats-server" ? real(setting) : ours(setting);
}

/** Whether it can begin with TLS: the real one since 2.10.4. */
export function canBeginWithTls(kind: Kind, release: string = natsServerVersion()): boolean {
  return kind !== "a real nats-server" || release.localeCompare("2.10.4", "en", { numeric: true }) >= 0;
}

async function ours({ authorize, tls, at }: Setting): Promise<Opened> {
  const secured = tls && ({ ...oursWith(tls), when: tls.first ? "first" : "required" } as const);
  const server = await serve({ port: at?.port ?? 0, tls: secured, authorize });
  const door = await server.listen(listenWith({ tls: tls && oursWith(tls) }), { port: at?.webSocketPort ?? 0 });
  return { port: server.port, webSocketPort: door.port, close: () => server.close() };
}

function oursWith({ server: { cert, key }, ca, verify = false }: Tls): Omit<ServerTls, "when"> {
  return { cert, key, ca: ca.cert, requestCert: verify, rejectUnauthorized: verify };
}

async function real({ config = "", tls, at }: Setting): Promise<Opened> {
  const lines = tls && realWith(tls);
  const first = tls?.first === true && canBeginWithTls("a real nats-server") ? ", handshake_first: true" : "";
  const secured = lines === undefined ? "" : `tls { ${lines}${first} }`;
  const door = `websocket { host: 127.0.0.1, port: ${at?.webSocketPort ?? -1}, ${lines ? `tls { ${lines} }` : "no_tls: true"} }`;
  const server = await startNatsServer([config, secured, door].join("\n"), at?.port);
  return { port: server.port, webSocketPort: server.webSocketPort!, close: () => server.stop() };
}

function realWith({ server, ca, verify = false }: Tls): string {
  return `cert_file: "${server.certFile}", key_file: "${server.keyFile}", ca_file: "${ca.certFile}", verify: ${verify}`;
}
