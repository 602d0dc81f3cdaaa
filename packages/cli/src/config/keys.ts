// SPDX-License-Identifier: Apache-2.0
import { Failure } from "../output.ts";
import { block, type Keys, key, type Refused } from "./block.ts";
import type {
  Authorization,
  CertificateConfig,
  Config,
  ConfigPermissions,
  ConfigResponses,
  ConfigSubjects,
  ConfigUser,
  JetStreamConfig,
  Tls,
  UserList,
  WebSocketConfig,
} from "./config.ts";
import {
  advertise,
  bytes,
  count,
  duration,
  flag,
  type Kind,
  list,
  listen,
  oneOrMore,
  port,
  record,
  seconds,
  secret,
  text,
  toggle,
} from "./kinds.ts";

const SERVER = "run a nats-server for it";
const REMOVE = "remove it";
const STDERR = "remove it; messages are written to stderr";
const CERTIFICATES = "remove it; any certificate of the CA is accepted";
const CONNECTIONS = "remove it; users may connect to every listener";

/** Refuses keys of nats-server that the embedded server does not have, and says what to do. */
function refuse(keys: string, advice: string): Refused {
  return say(keys, `is not supported: ${advice}`);
}

/** Refuses keys that belong in another block. */
function misplace(keys: string, place: string): Refused {
  return say(keys, `belongs in ${place}`);
}

function say(keys: string, text: string): Refused {
  return Object.fromEntries(keys.split(" ").map((name) => [name, text]));
}

const RULES = "publish pub subscribe sub allow_responses publish_allow_responses";

const responses = block<ConfigResponses>({
  max: key(count, "max_msgs", "max_messages", "max_responses"),
  expires: key(duration, "expiration", "ttl"),
});

/** Reads what is allowed. An empty list is refused: in nats-server it allows every subject. */
const allowed: Kind<readonly string[]> = (value, path) => {
  const patterns = oneOrMore(text)(value, path);
  if (patterns.length > 0) return patterns;
  throw new Failure(`${path} is empty, which allows every subject in a nats-server; remove it, or deny ">"`);
};

const subjects = block<ConfigSubjects>(
  { allow: key(allowed), deny: key(oneOrMore(text)) },
  misplace("allow_responses publish_allow_responses", "permissions, next to publish"),
);

/** Reads a subject, an array of subjects, or `{ allow, deny }`. */
const subjectPermission: Kind<ConfigSubjects> = (value, path) =>
  typeof value === "string" || Array.isArray(value) ? { allow: allowed(value, path) } : subjects(value, path);

const permissions = block<ConfigPermissions>(
  {
    publish: key(subjectPermission, "pub", "import"),
    subscribe: key(subjectPermission, "sub", "export"),
    allow_responses: key(
      (value, path) => (typeof value === "boolean" ? value : responses(value, path)),
      "publish_allow_responses",
    ),
  },
  misplace("allow deny", "publish or subscribe"),
);

const user = block<ConfigUser>(
  {
    user: key(text, "username"),
    password: key(secret, "pass"),
    nkey: key(text),
    permissions: key(permissions, "permission", "authorization"),
  },
  {
    ...misplace(RULES, "permissions"),
    ...refuse("allowed_connection_types connection_types clients proxy_required", CONNECTIONS),
  },
);

const authorization = block<Authorization>(
  {
    user: key(text, "username"),
    password: key(secret, "pass"),
    token: key(secret),
    timeout: key(seconds),
    users: key(list(user)),
    default_permissions: key(permissions, "default_permission", "permissions"),
  },
  {
    ...misplace(RULES, "default_permissions, or in permissions of a user"),
    ...refuse("auth_callout auth_hook", SERVER),
    ...refuse("proxy_required", REMOVE),
  },
);

const account = block<UserList>(
  { users: key(list(user)), default_permissions: key(permissions) },
  refuse("imports exports jetstream mappings maps limits nkey msg_trace trace_dest", SERVER),
);

const tlsKeys: Keys<CertificateConfig> = {
  cert_file: key(text),
  key_file: key(text),
  ca_file: key(text),
  verify: key(flag),
  timeout: key(seconds),
};

const refusedInTls: Refused = {
  ...refuse("verify_and_map ocsp_peer", SERVER),
  ...refuse("pinned_certs verify_cert_and_check_known_urls", CERTIFICATES),
  ...refuse("insecure allow_insecure_cipher_suites cipher_suites curve_preferences min_version", REMOVE),
  ...refuse("connection_rate_limit", REMOVE),
  ...refuse(
    "cert_store cert_match_by cert_match cert_match_skip_invalid ca_certs_match certs certificates",
    "use cert_file",
  ),
};

const websocket = block<WebSocketConfig>(
  {
    listen: key(listen),
    port: key(port),
    host: key(text, "net"),
    tls: key(
      block<CertificateConfig>(tlsKeys, {
        ...refusedInTls,
        ...refuse("handshake_first first immediate", "remove it; a WebSocket starts TLS first"),
      }),
    ),
    no_tls: key(flag),
    allowed_origins: key(oneOrMore(text), ...["allowed_origin", "allow_origins", "allow_origin", "origins", "origin"]),
    handshake_timeout: key(seconds),
  },
  {
    ...refuse("same_origin", "list your own origin in allowed_origins"),
    ...refuse("compress compression", "remove it; messages are not compressed"),
    ...refuse("authorization authentication no_auth_user", "use that of the whole server"),
    ...refuse("advertise jwt_cookie user_cookie pass_cookie token_cookie headers ping_interval", REMOVE),
  },
);

const memory = block<JetStreamConfig>(
  { enabled: key(flag, "enable"), store_dir: key(text, "storedir") },
  {
    ...refuse("max_memory_store max_mem_store max_mem max_file_store max_file max_outstanding_catchup", REMOVE),
    ...refuse("limits sync sync_interval request_queue_limit strict max_buffered_msgs max_buffered_size", REMOVE),
    ...refuse(
      "domain unique_tag tpm extension_hint js_cluster cipher key encryption_key prev_key prev_encryption_key",
      SERVER,
    ),
  },
);

/** Reads whether it is on, or a block. */
const jetstream: Kind<JetStreamConfig> = (value, path) =>
  typeof value === "object" ? memory(value, path) : { enabled: toggle(value, path) };

const refused: Refused = {
  ...misplace("user username password pass token users default_permissions", "authorization"),
  ...misplace(`permissions ${RULES}`, "permissions of a user, in authorization"),
  ...misplace("cert_file key_file ca_file verify handshake_first", "tls"),
  ...misplace("allowed_origins no_tls", "websocket"),
  ...misplace("store_dir storedir", "jetstream"),
  ...refuse("cluster gateway leafnodes leaf mqtt mappings maps", SERVER),
  ...refuse("default_js_domain system_account system proxy_protocol proxies", SERVER),
  ...refuse("trusted trusted_keys resolver_tls resolver_pinned_accounts default_sentinel", SERVER),
  ...refuse("https https_port http_base_path", "use http_port: monitoring has no TLS and no other path"),
  ...refuse("write_deadline write_timeout", "use max_pending, the limit of a slow client"),
  ...refuse("log_file logfile log_size_limit logfile_size_limit log_max_num logfile_max_num", STDERR),
  ...refuse("logtime logtime_utc syslog remote_syslog", STDERR),
  ...refuse("trace_verbose trace_headers max_traced_msg_len", "use trace"),
  ...refuse("pid_file pidfile ports_file_dir prof_port prof_block_rate server_metadata server_tags", REMOVE),
  ...refuse("max_sub_tokens max_subscription_tokens max_closed_clients", REMOVE),
  ...refuse("no_header_support disable_sublist_cache no_sublist_cache", REMOVE),
  ...refuse("no_system_account no_system no_sys_acc", REMOVE),
  ...refuse("connect_error_reports reconnect_error_reports", REMOVE),
  ...refuse("no_fast_producer_stall feature_flags ocsp ocsp_cache", REMOVE),
  ...refuse("include", "write all keys into one file"),
};

/** Every key of a configuration that the embedded server supports, under nats-server's names. */
export const keys: Keys<Config> = {
  listen: key(listen),
  host: key(text, "net"),
  port: key(port),
  client_advertise: key(advertise),
  server_name: key(text),
  max_payload: key(bytes),
  max_pending: key(bytes),
  max_connections: key(count, "max_conn"),
  max_subscriptions: key(count, "max_subs"),
  max_control_line: key(bytes),
  ping_interval: key(duration),
  ping_max: key(count),
  authorization: key(authorization),
  accounts: key(record(account)),
  no_auth_user: key(text),
  operator: key(secret, "operators", "roots", "root", "root_operators", "root_operator"),
  resolver: key(text, "account_resolver", "accounts_resolver"),
  resolver_preload: key(record(secret)),
  jetstream: key(jetstream),
  tls: key(block<Tls>({ ...tlsKeys, handshake_first: key(flag, "first", "immediate") }, refusedInTls)),
  allow_non_tls: key(flag),
  websocket: key(websocket, "ws"),
  http: key(listen),
  http_port: key(port, "monitor_port"),
  lame_duck_grace_period: key(duration),
  lame_duck_duration: key(duration),
  debug: key(flag),
  trace: key(flag),
};

/** Reads a configuration. */
export const readKeys: Kind<Config> = block<Config>(keys, refused);
