// SPDX-License-Identifier: Apache-2.0
import { formatUptime, type Source } from "./snapshot.ts";

/** The server, as `/varz` of nats-server describes it. A limit that is infinite is -1. */
export interface Varz {
  readonly server_id: string;
  readonly server_name: string;
  /** The release of nats-server that the embedded server behaves like. */
  readonly version: string;
  readonly proto: number;
  readonly host: string;
  readonly port: number;
  /** Whether clients need credentials; absent if they do not. */
  readonly auth_required?: true | undefined;
  /** Whether the first listener requires TLS; absent if it does not. */
  readonly tls_required?: true | undefined;
  /** What `advertise` sent. */
  readonly connect_urls?: readonly string[] | undefined;
  readonly max_connections: number;
  /** How many subscriptions one connection may have; absent if there is no limit. */
  readonly max_subscriptions?: number | undefined;
  /** Nanoseconds. */
  readonly ping_interval: number;
  readonly ping_max: number;
  /** The address of `serveMonitor`; these four are absent without it. */
  readonly http_host?: string | undefined;
  readonly http_port?: number | undefined;
  /** Always empty. */
  readonly http_base_path?: string | undefined;
  /** Always 0. */
  readonly https_port?: number | undefined;
  /** Seconds. */
  readonly auth_timeout: number;
  readonly max_control_line: number;
  readonly max_payload: number;
  readonly max_pending: number;
  /** When the server was started, in ISO 8601 as every date here. */
  readonly start: string;
  readonly now: string;
  /** In whole seconds, for example `1d0h5m30s`. */
  readonly uptime: string;
  /** Bytes of memory of the process; only with `serveMonitor`, as the next two. */
  readonly mem?: number | undefined;
  readonly cores?: number | undefined;
  /** Percent of one core that the process used since the last `/varz`. */
  readonly cpu?: number | undefined;
  readonly connections: number;
  /** Connections that were ever opened, rejected ones included. */
  readonly total_connections: number;
  /** Always 0, as the next two. */
  readonly routes: number;
  readonly remotes: number;
  readonly leafnodes: number;
  /** Messages published by clients and the program, without rejected ones. */
  readonly in_msgs: number;
  /** Messages delivered to clients and the program. */
  readonly out_msgs: number;
  /** Bytes of headers and payloads. */
  readonly in_bytes: number;
  readonly out_bytes: number;
  /** Connections that were closed because too much was pending for them. */
  readonly slow_consumers: number;
  readonly subscriptions: number;
  /** How often each path was requested; only with `serveMonitor`. */
  readonly http_req_stats?: Readonly<Record<string, number>> | undefined;
  /** The same as `start`. */
  readonly config_load_time: string;
}

/** Returns the state of the server. */
export function varz({ server, date }: Source): Varz {
  const { core, startedAt } = server.driver;
  const { server_id, server_name, version, proto, host, port, auth_required, connect_urls } = core.view.info;
  const { stats, view } = core;
  const { config } = view;
  const [now, start] = [server.driver.now(), date(startedAt)];
  return {
    server_id,
    server_name,
    version,
    proto,
    host,
    port,
    auth_required: auth_required || undefined,
    tls_required: /^(tls|wss):/.test(server.url) || undefined,
    connect_urls: connect_urls?.length ? connect_urls : undefined,
    max_connections: limit(config.maxConnections),
    max_subscriptions: Number.isFinite(config.maxSubscriptions) ? config.maxSubscriptions : undefined,
    ping_interval: limit(config.pingInterval * 1_000_000),
    ping_max: limit(config.pingMax),
    auth_timeout: limit(config.authTimeout / 1000),
    max_control_line: config.maxLine,
    max_payload: config.maxPayload,
    max_pending: limit(config.maxPending),
    start,
    now: date(now),
    uptime: formatUptime(now - startedAt),
    connections: stats.connections,
    total_connections: stats.opened,
    routes: 0,
    remotes: 0,
    leafnodes: 0,
    in_msgs: stats.published,
    out_msgs: stats.delivered,
    in_bytes: stats.publishedBytes,
    out_bytes: stats.deliveredBytes,
    slow_consumers: stats.slow,
    subscriptions: stats.subscriptions,
    config_load_time: start,
  };
}

/** JSON has no infinity. */
function limit(value: number): number {
  return Number.isFinite(value) ? value : -1;
}
