// SPDX-License-Identifier: Apache-2.0
import type { HostPort } from "./kinds.ts";

/** What a file may say or leave out. */
type Optional<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** A configuration as it is read: nats-server's names, times in milliseconds, a free port as 0. */
export type Config = Optional<{
  listen: Partial<HostPort>;
  host: string;
  port: number;
  client_advertise: Partial<HostPort>;
  server_name: string;
  max_payload: number;
  max_pending: number;
  max_connections: number;
  max_subscriptions: number;
  max_control_line: number;
  ping_interval: number;
  ping_max: number;
  authorization: Authorization;
  accounts: ReadonlyMap<string, UserList>;
  no_auth_user: string;
  operator: string;
  resolver: string;
  resolver_preload: ReadonlyMap<string, string>;
  tls: Tls;
  allow_non_tls: boolean;
  websocket: WebSocketConfig;
  http: Partial<HostPort>;
  http_port: number;
  jetstream: JetStreamConfig;
  lame_duck_grace_period: number;
  lame_duck_duration: number;
  debug: boolean;
  trace: boolean;
}>;

/** Users, and the permissions of those that have none of their own. */
export type UserList = Optional<{ users: readonly ConfigUser[]; default_permissions: ConfigPermissions }>;

/** Who may connect: one user, everybody with a token, or a list of users. */
export type Authorization = UserList & Optional<{ user: string; password: string; token: string; timeout: number }>;

/** A user with a password, or with an nkey. */
export type ConfigUser = Optional<{ user: string; password: string; nkey: string; permissions: ConfigPermissions }>;

/** What a user may do. */
export type ConfigPermissions = Optional<{
  publish: ConfigSubjects;
  subscribe: ConfigSubjects;
  allow_responses: boolean | ConfigResponses;
}>;

/** Subjects that are allowed and denied. */
export type ConfigSubjects = Optional<{ allow: readonly string[]; deny: readonly string[] }>;

/** How many responses to a request, and for how long. */
export type ConfigResponses = Optional<{ max: number; expires: number }>;

/** JetStream. It is on if the block is there, unless `enabled` is false. */
export type JetStreamConfig = Optional<{ enabled: boolean; store_dir: string }>;

/** Certificates of a listener. */
export type CertificateConfig = Optional<{
  cert_file: string;
  key_file: string;
  ca_file: string;
  verify: boolean;
  timeout: number;
}>;

/** TLS for NATS clients. */
export type Tls = CertificateConfig & Optional<{ handshake_first: boolean }>;

/** The listener for WebSocket clients. */
export type WebSocketConfig = Optional<{
  listen: Partial<HostPort>;
  host: string;
  port: number;
  tls: CertificateConfig;
  no_tls: boolean;
  allowed_origins: readonly string[];
  handshake_timeout: number;
}>;
