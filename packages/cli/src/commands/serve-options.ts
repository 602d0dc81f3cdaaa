// SPDX-License-Identifier: Apache-2.0
import type { Compat } from "@natswire/node";
import { type Command, Option } from "commander";
import { parserOf, port, repeatable } from "../arguments.ts";
import type { Config } from "../config/config.ts";
import { bytes, count, duration } from "../config/kinds.ts";

/** The options of `natswire serve` as they were typed. */
export interface ServeFlags extends Limits {
  readonly config?: string;
  readonly addr?: string;
  readonly host?: string;
  readonly port?: number;
  readonly name?: string;
  readonly websocket?: number;
  readonly http_port?: number;
  readonly user?: readonly string[];
  readonly pass?: string;
  readonly auth?: string;
  readonly tls?: true;
  readonly tlscert?: string;
  readonly tlskey?: string;
  readonly tlscacert?: string;
  readonly tlsverify?: true;
  readonly jetstream?: true;
  readonly compat?: Compat;
  readonly debug?: true;
  readonly trace?: true;
}

interface Limits {
  readonly maxPayload?: number;
  readonly maxPending?: number;
  readonly maxConnections?: number;
  readonly maxSubscriptions?: number;
  readonly maxControlLine?: number;
  readonly pingInterval?: number;
  readonly pingMax?: number;
}

/** Adds the options of `natswire serve`, under nats-server's names where it has them. */
export function addServeOptions(command: Command): Command {
  return command
    .option("-c, --config <file>", "JSON file with a nats-server's keys; options given here win over it")
    .option("-a, --addr <host>", "address to listen on (default: 127.0.0.1)")
    .option("--host <host>", "the same as --addr")
    .option("-p, --port <port>", "port for NATS clients; 0 picks a free one (default: 4222)", port)
    .option("-n, --name <name>", "name of the server in INFO (default: a random id)")
    .option("--websocket <port>", "port for WebSocket clients; 0 picks a free one", port)
    .option("-m, --http_port <port>", "port for monitoring; 0 picks a free one", port)
    .option("--user <name:password>", "require authentication and accept this user; repeatable", repeatable)
    .option("--pass <password>", "password of a single --user <name>")
    .option("--token, --auth <token>", "require authentication and accept this token")
    .option("--tls", "require TLS; needs a certificate, which requires TLS anyway")
    .option("--cert, --tlscert <file>", "TLS certificate (PEM); needs --tlskey")
    .option("--key, --tlskey <file>", "private key of the certificate (PEM)")
    .option("--tlsverify", "require a certificate of each client")
    .option("--tlscacert <file>", "CA of the clients' certificates (PEM)")
    .option("--max-payload <bytes>", "largest message", parserOf(bytes))
    .option("--max-pending <bytes>", "bytes that may wait for one client", parserOf(bytes))
    .option("--max-connections <count>", "open connections", parserOf(count))
    .option("--max-subscriptions <count>", "subscriptions of one connection", parserOf(count))
    .option("--max-control-line <bytes>", "longest control line, without its verb", parserOf(bytes))
    .option("--ping-interval <time>", "time between PINGs to a silent client, like 30s", parserOf(duration))
    .option("--ping-max <count>", "PINGs without an answer", parserOf(count))
    .option("--js, --jetstream", "JetStream: streams, consumers, Key-Value and Object Store, in memory")
    .addOption(new Option("--compat <release>", "nats-server to behave like").choices(["2.9", "2.14"]))
    .option("-D, --debug", "print each opened and closed connection to stderr")
    .option("-V, --trace", "print every frame, without credentials");
}

/**
 * Returns a configuration with the options in place of what it says. Users and a token replace all users of it.
 *
 * Ends the command if options do not fit together; the error shows no value, which may be a secret.
 */
export function withFlags(config: Config, flags: ServeFlags, command: Command): Config {
  const { addr = flags.host, port: ownPort, name, trace, debug } = flags;
  return {
    ...config,
    ...defined({
      listen: { ...config.listen, ...defined({ host: addr, port: ownPort }) },
      server_name: name,
      http: flags.http_port === undefined ? undefined : { ...config.http, port: flags.http_port },
      max_payload: flags.maxPayload,
      max_pending: flags.maxPending,
      max_connections: flags.maxConnections,
      max_subscriptions: flags.maxSubscriptions,
      max_control_line: flags.maxControlLine,
      ping_interval: flags.pingInterval,
      ping_max: flags.pingMax,
      jetstream: flags.jetstream && { enabled: true },
      trace,
      debug,
    }),
    ...credentials(config, flags, command),
    ...tlsAndWebSocket(config, flags, command),
  };
}

function credentials({ authorization }: Config, { user, pass, auth }: ServeFlags, command: Command): Config {
  if (pass !== undefined && (user?.length !== 1 || user[0]?.includes(":")))
    command.error("error: --pass is the password of one --user, which is then a name");
  if (user === undefined && auth === undefined) return {};
  if (auth === "") command.error("error: --token is empty");
  const users = user?.map((value) => {
    if (pass !== undefined) return { user: value, password: pass };
    const [, name, password] = /^([^:]+):(.*)$/s.exec(value) ?? [];
    // Checked here: an error of the option parser would show the value.
    if (name === undefined) command.error("error: --user must be name:password, or be followed by --pass");
    return { user: name, password };
  });
  const others = { accounts: undefined, no_auth_user: undefined, operator: undefined };
  return { ...others, authorization: { timeout: authorization?.timeout, users, token: auth } };
}

function tlsAndWebSocket(config: Config, flags: ServeFlags, command: Command): Config {
  const { tls: isRequired, tlscert: cert_file, tlskey: key_file, tlscacert: ca_file, tlsverify: verify } = flags;
  if ((cert_file === undefined) !== (key_file === undefined))
    command.error("error: --tlscert and --tlskey are needed together");
  const given = defined({ cert_file, key_file, ca_file, verify });
  const tls = isRequired || Object.keys(given).length > 0 ? { ...config.tls, ...given } : config.tls;
  if (tls !== undefined && tls.cert_file === undefined)
    command.error("error: --tls, --tlsverify and --tlscacert need --tlscert and --tlskey");
  if (flags.websocket === undefined) return { tls };
  // Without a block of its own, a WebSocket has the address and the certificate of the other clients.
  const { handshake_first: _, ...certificate } = tls ?? {};
  const websocket = config.websocket ?? { host: flags.addr ?? flags.host, tls: tls && certificate };
  return { tls, websocket: { ...websocket, listen: { ...websocket.listen, port: flags.websocket } } };
}

/** Returns the fields that are not `undefined`. */
function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
