// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Listen, serveWith } from "@natswire/io";
import { anyAuthorizer, listenWith, type ServeOptions, tokenAuthorizer, userAuthorizer } from "@natswire/node";
import type { Command } from "commander";
import { port, repeatable } from "../arguments.ts";
import { formatCount } from "../format/format.ts";
import { Failure, flushAndExit, formatError, listenFailure, log, printOrSkip, waitForInterrupt } from "../output.ts";
import { Printer } from "../tap/printer.ts";
import { traceTo } from "../tap/trace.ts";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly websocket?: number;
  readonly user?: readonly string[];
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly trace?: boolean;
}

const help = `
Example:
  $ natswire serve --port 4222 --user ann:s3cret --trace`;

/** Adds the command `natswire serve`: the embedded server. */
export function serve(program: Command): void {
  program
    .command("serve")
    .description("run the embedded NATS server until ctrl+c")
    .option("--port <port>", "port for NATS clients; 0 picks a free one", port, 4222)
    .option("--host <host>", "address to listen on", "127.0.0.1")
    .option("--websocket <port>", "port for WebSocket clients; 0 picks a free one", port)
    .option("--user <name:password>", "require authentication and accept this user; repeatable", repeatable)
    .option("--token <token>", "require authentication and accept this token")
    .option("--cert <file>", "TLS certificate (PEM); needs --key")
    .option("--key <file>", "private key of the certificate (PEM)")
    .option("--trace", "print every frame, without credentials")
    .addHelpText("after", help)
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  const { host, port, websocket, user = [], cert, key, trace } = options;
  if ((cert === undefined) !== (key === undefined)) command.error("error: --cert and --key are needed together");
  // Checked here: an error of the option parser would show the value.
  if (user.some((value) => !/^[^:]+:/.test(value))) command.error("error: --user must be name:password");
  const tls = cert === undefined || key === undefined ? undefined : loadTls(cert, key);
  const traced = trace ? traceTo(new Printer({}, printOrSkip)) : (listen: Listen): Listen => listen;
  const interrupted = waitForInterrupt();
  const address = { host, port };
  const server = await serveWith(traced(listenWith({ tls })), { ...address, ...authorizersFrom(options) }).catch(
    listenFailure(address),
  );
  try {
    const hint = tls === undefined ? `; try: telnet ${host} ${server.port}` : "";
    log(`${server.url} is listening${hint}`);
    if (websocket !== undefined) {
      // Loaded on demand: it takes as long to load as everything else.
      const { listenWith } = await import("@natswire/node/websocket");
      const address = { host, port: websocket };
      const listener = await server.listen(traced(listenWith({ tls })), address).catch(listenFailure(address));
      log(`${listener.url} is listening`);
    }
    log("press ctrl+c to drain and exit");
    await interrupted;
    const { connections, published, delivered } = server.stats;
    log(
      `closing ${formatCount(connections, "connection")}; ${formatCount(published, "message")} published, ${delivered} delivered`,
    );
  } finally {
    await server.close();
  }
  await flushAndExit();
}

function authorizersFrom({ user, token }: Options): ServeOptions {
  const users = user?.map((value) => {
    const [, name = "", password = ""] = /^([^:]+):(.*)$/s.exec(value) ?? [];
    return { user: name, password };
  });
  const authorizers = [
    ...(users === undefined ? [] : [userAuthorizer(users)]),
    ...(token === undefined ? [] : [tokenAuthorizer(token)]),
  ];
  return authorizers.length === 0 ? {} : { authorize: anyAuthorizer(...authorizers) };
}

function loadTls(certFile: string, keyFile: string): { cert: string; key: string } {
  const tls = { cert: readText(certFile), key: readText(keyFile) };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new Failure(`cannot use --cert ${certFile} with --key ${keyFile}: ${formatError(error)}`);
  }
  return tls;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${formatError(error)}`);
  }
}
