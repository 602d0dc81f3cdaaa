// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { type Authenticator, type ConnectOptions, credsAuthenticator, nkeyAuthenticator } from "@natswire/node";
import { type Command, Option } from "commander";
import { parserOf } from "../arguments.ts";
import { duration } from "../config/kinds.ts";
import { readBytes } from "../messages/input.ts";
import { Failure } from "../output.ts";

/** The options of a connection as they were typed, or as the environment has them. */
export interface ConnectionFlags {
  readonly server: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly creds?: string;
  readonly nkey?: string;
  readonly tlsca?: string;
  readonly tlscert?: string;
  readonly tlskey?: string;
  readonly tlsfirst?: true;
  readonly name?: string;
  readonly inboxPrefix?: string;
  readonly allowPlaintextCredentials?: true;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Adds the options of a connection, under the names of the official command where it has them. */
export function addConnectionOptions(command: Command): Command {
  const options = [
    new Option("-s, --server <urls>", "servers, between commas").env("NATS_URL").default("nats://127.0.0.1:4222"),
    new Option("--user <name>", "user name; without --password, a token").env("NATS_USER"),
    new Option("--password <password>", "password of the user").env("NATS_PASSWORD"),
    new Option("--token <token>", "token").env("NATS_TOKEN"),
    new Option("--creds <file>", "file with a JWT and a seed").env("NATS_CREDS"),
    new Option("--nkey <file>", "file with the seed of an nkey").env("NATS_NKEY"),
    new Option("--tlsca <file>", "CA to trust (PEM); requires TLS").env("NATS_CA"),
    new Option("--tlscert <file>", "certificate of the client (PEM); needs --tlskey").env("NATS_CERT"),
    new Option("--tlskey <file>", "private key of the certificate (PEM)").env("NATS_KEY"),
    new Option("--tlsfirst", "start TLS before the server's first line"),
    new Option("--connection-name, --name <name>", "name of the connection, for the server's operators"),
    new Option("--inbox-prefix <prefix>", "first part of the subjects for replies (default: _INBOX)"),
    new Option("--allow-plaintext-credentials", "send credentials without TLS to another machine"),
    new Option("--timeout <time>", "time to wait for the server or a reply, like 500ms")
      .env("NATS_TIMEOUT")
      .argParser(parserOf(duration))
      .default(5000, "5s"),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/**
 * Returns the options of `connect`. Credentials that were typed replace those of the environment.
 *
 * @throws Failure if a file with credentials cannot be read or is malformed
 */
export function connectOptions(flags: ConnectionFlags, command: Command): ConnectOptions {
  const { tlsca: caFile, tlscert: certFile, tlskey: keyFile, name, inboxPrefix, timeout } = flags;
  if ((certFile === undefined) !== (keyFile === undefined))
    command.error("error: --tlscert and --tlskey are needed together");
  // A file that is missing is reported before anything is sent.
  for (const file of [caFile, certFile, keyFile]) if (file !== undefined) readBytes(file);
  const tls = caFile === undefined && certFile === undefined ? undefined : { caFile, certFile, keyFile };
  const { allowPlaintextCredentials } = flags;
  const handshakeFirst = flags.tlsfirst ?? false;
  return {
    servers: flags.server,
    name: name ?? `natswire ${command.name()}`,
    ...credentialsOf(flags, command),
    ...{ tls, handshakeFirst, inboxPrefix, allowPlaintextCredentials, timeout },
  };
}

function credentialsOf(
  flags: ConnectionFlags,
  command: Command,
): Pick<ConnectOptions, "user" | "pass" | "token" | "authenticator"> {
  const kinds = (["user", "token", "creds", "nkey"] as const).filter((kind) => flags[kind] !== undefined);
  const typed = kinds.filter((kind) => command.getOptionValueSource(kind) === "cli");
  const [kind, another] = typed.length > 0 ? typed : kinds;
  if (another !== undefined) command.error(`error: --${kind} and --${another} exclude each other`);
  const { user = "", password, token, creds = "", nkey = "" } = flags;
  if (kind !== "user" && command.getOptionValueSource("password") === "cli")
    command.error("error: --password needs --user");
  if (kind === "user") return password === undefined ? { token: user } : { user, pass: password };
  if (kind === "creds") return { authenticator: fromFile(creds, credsAuthenticator) };
  if (kind === "nkey") return { authenticator: fromFile(nkey, nkeyAuthenticator) };
  return { token };
}

function fromFile(file: string, authenticator: (secret: Uint8Array) => Authenticator): Authenticator {
  const secret = readBytes(file);
  try {
    return authenticator(secret);
  } catch (error) {
    throw error instanceof UsageError ? new Failure(`${file}: ${error.message}`) : error;
  }
}
