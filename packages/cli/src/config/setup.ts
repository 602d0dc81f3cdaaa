// SPDX-License-Identifier: Apache-2.0
import type { ListenAddress, ServerModule, ServerOptions } from "@natswire/io";
import type { ServerTls } from "@natswire/node";
import type { ListenOptions as WebSocketOptions } from "@natswire/node/websocket";
import type { CertificateConfig, Config } from "./config.ts";
import { readCertificates } from "./files.ts";
import { authorizerOf } from "./users.ts";

/** What `natswire serve` starts. */
export interface ServerSetup {
  readonly address: ListenAddress;
  /** The address that INFO names, if it is not the real one. */
  readonly advertised: ListenAddress | undefined;
  readonly options: ServerOptions;
  readonly tls: ServerTls | undefined;
  readonly webSocket: { readonly address: ListenAddress; readonly options: WebSocketOptions } | undefined;
  /** The address of the monitoring endpoints. */
  readonly monitor: ListenAddress | undefined;
  /** Milliseconds for lame duck mode, as `server.lameDuck` takes them. */
  readonly lameDuck: { readonly grace: number; readonly duration: number };
}

const HOST = "127.0.0.1";
const PORT = 4222;
// nats-server's limit does not count the verb; a server's own limit does, so it is larger by the longest one and a blank.
const VERB = "CONNECT ".length;

/**
 * Returns what a configuration means for the embedded server. It reads the files that the configuration names.
 *
 * @throws Failure if a user, a certificate or a file is not valid
 */
export async function setupOf(config: Config): Promise<ServerSetup> {
  const { listen, host = HOST, port = PORT, client_advertise: advertise, websocket: webSocket } = config;
  const address = { host, port, ...listen };
  const { lame_duck_grace_period: grace = 10_000, lame_duck_duration: duration = 120_000 } = config;
  return {
    address,
    advertised: advertise && { host: address.host, port: address.port, ...advertise },
    options: {
      serverName: config.server_name,
      maxPayload: config.max_payload,
      maxPending: config.max_pending,
      maxConnections: config.max_connections,
      maxSubscriptions: config.max_subscriptions,
      maxLine: config.max_control_line && config.max_control_line + VERB,
      pingInterval: config.ping_interval,
      pingMax: config.ping_max,
      authTimeout: config.authorization?.timeout,
      authorize: await authorizerOf(config),
      jetstream: await jetStreamOf(config),
    },
    tls: config.tls && { ...(await tlsOf(config.tls)), when: whenOf(config) },
    webSocket: webSocket && {
      address: { host: webSocket.host ?? HOST, port: webSocket.port ?? 0, ...webSocket.listen },
      options: {
        tls: webSocket.tls && (await tlsOf(webSocket.tls)),
        allowedOrigins: webSocket.allowed_origins,
        handshakeTimeout: webSocket.handshake_timeout,
      },
    },
    monitor: monitorOf(config, address.host),
    // In nats-server the duration includes the grace period.
    lameDuck: { grace, duration: duration - grace },
  };
}

async function jetStreamOf({ jetstream }: Config): Promise<ServerModule | undefined> {
  if (jetstream === undefined || jetstream.enabled === false) return undefined;
  // Loaded on demand: most servers are started without it.
  const { jetstream: inMemory } = await import("@natswire/jetstream-server");
  return inMemory();
}

async function tlsOf({
  cert_file = "",
  key_file = "",
  ca_file,
  verify,
  timeout,
}: CertificateConfig): Promise<Omit<ServerTls, "when">> {
  return {
    ...(await readCertificates(cert_file, key_file, ca_file)),
    requestCert: verify,
    handshakeTimeout: timeout,
  };
}

function monitorOf({ http, http_port: port }: Config, host: string): ListenAddress | undefined {
  if (http !== undefined) return { host, port: 0, ...http };
  return port === undefined ? undefined : { host, port };
}

function whenOf({ tls, allow_non_tls }: Config): ServerTls["when"] {
  if (tls?.handshake_first) return "first";
  return allow_non_tls ? "available" : "required";
}
