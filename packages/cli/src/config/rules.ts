// SPDX-License-Identifier: Apache-2.0
import { Failure } from "../output.ts";
import type { Config } from "./config.ts";
import { usersOf } from "./users.ts";

/** A rule over several keys: whether a configuration breaks it, and what to say. */
type Rule = readonly [isBroken: (config: Config) => boolean, error: string];

// The defaults of nats-server.
const MAX_PAYLOAD = 1_048_576;
const MAX_PENDING = 67_108_864;
const LAME_DUCK_MS = 120_000;
const LAME_DUCK_GRACE_MS = 10_000;
const MIN_LAME_DUCK_MS = 30_000;

const rules: readonly Rule[] = [
  [({ listen, host }) => listen?.host !== undefined && host !== undefined, "listen has a host; remove host"],
  [({ listen, port }) => listen !== undefined && port !== undefined, "listen has a port; remove port"],
  [
    ({ websocket: { listen, host, port } = {} }) =>
      (listen?.host !== undefined && host !== undefined) || (listen !== undefined && port !== undefined),
    "websocket.listen has the address; remove websocket.host and websocket.port",
  ],
  [({ http, http_port }) => http !== undefined && http_port !== undefined, "http has a port; remove http_port"],
  [({ server_name = "" }) => server_name.includes(" "), "server_name must not contain a space"],
  [
    ({ max_payload = MAX_PAYLOAD, max_pending = MAX_PENDING }) => max_payload > max_pending,
    "max_payload must not be higher than max_pending",
  ],
  [
    ({ lame_duck_duration = LAME_DUCK_MS }) => lame_duck_duration < MIN_LAME_DUCK_MS,
    "lame_duck_duration must be 30 seconds or more",
  ],
  [
    ({ lame_duck_grace_period = LAME_DUCK_GRACE_MS, lame_duck_duration = LAME_DUCK_MS }) =>
      lame_duck_grace_period >= lame_duck_duration,
    "lame_duck_grace_period must be shorter than lame_duck_duration",
  ],
  [({ tls }) => tls !== undefined && !(tls.cert_file && tls.key_file), "tls needs cert_file and key_file"],
  [
    ({ websocket }) => websocket !== undefined && (websocket.port ?? websocket.listen?.port) === undefined,
    "websocket needs port or listen",
  ],
  [
    ({ websocket }) => websocket !== undefined && (websocket.tls === undefined) === !websocket.no_tls,
    "websocket needs either tls or no_tls: true",
  ],
  [
    ({ websocket: { tls } = {} }) => tls !== undefined && !(tls.cert_file && tls.key_file),
    "websocket.tls needs cert_file and key_file",
  ],
  [
    ({ authorization: auth }) => auth !== undefined && !(auth.user || auth.token || auth.users?.length),
    "authorization accepts nobody: it needs user and password, token, or users",
  ],
  [
    ({ authorization: auth, accounts }) =>
      [auth?.user, auth?.token, auth?.users ?? accounts].filter((one) => one !== undefined).length > 1,
    "user, token and users exclude each other in authorization; a single user or token also excludes accounts",
  ],
  [
    ({ accounts }) => accounts?.has("$G") === true || accounts?.has("$SYS") === true,
    "accounts must not have $G or $SYS: the server has no system account, and $G is that of all other users",
  ],
  [
    ({ authorization: auth }) => auth?.default_permissions !== undefined && auth.users === undefined,
    "authorization.default_permissions is about users, and there are none",
  ],
  [
    ({ operator, resolver, resolver_preload: preload }) =>
      (operator ?? resolver ?? preload) !== undefined &&
      !(operator !== undefined && /^mem(ory)?$/i.test(resolver ?? "") && preload !== undefined),
    'operator, resolver: "MEMORY" and resolver_preload are needed together; no other resolver is supported',
  ],
  [
    ({ operator, authorization, accounts, no_auth_user }) =>
      operator !== undefined && (authorization?.users ?? accounts ?? no_auth_user) !== undefined,
    "with an operator there are no users in the configuration; remove authorization, accounts and no_auth_user",
  ],
];

/**
 * Checks what several keys say together, by the rules of nats-server.
 *
 * @throws Failure that names the keys
 */
export function checkRules(config: Config): void {
  const broken = rules.find(([isBroken]) => isBroken(config));
  if (broken !== undefined) throw new Failure(broken[1]);
  checkUsers(config);
}

function checkUsers(config: Config): void {
  const names = new Set<string>();
  for (const { path, user, nkey, password } of usersOf(config)) {
    if ((user === undefined) === (nkey === undefined)) throw new Failure(`${path} needs either user or nkey`);
    if (nkey !== undefined && password !== undefined) throw new Failure(`${path} has an nkey; remove its password`);
    const name = user ?? nkey ?? "";
    if (names.has(name)) throw new Failure(`${path} is the second user "${name}"; remove one of them`);
    names.add(name);
  }
  const { no_auth_user: guest } = config;
  if (guest !== undefined && !names.has(guest))
    throw new Failure(`no_auth_user must be the name of a user, not "${guest}"`);
}
