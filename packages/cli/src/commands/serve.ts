// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type Listen, serveWith } from "@natswire/io";
import { anyAuthorizer, listenWith, type ServeOptions, tokenAuthorizer, userAuthorizer } from "@natswire/node";
import type { Command } from "commander";
import { list, port } from "../arguments.ts";
import { end, Failure, failedAt, interrupted, printInPassing, reasonOf, tell } from "../output.ts";
import { Printer } from "../printer.ts";
import { tracing } from "../tracing.ts";
import { counted } from "../words.ts";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly websocket?: number;
  readonly user?: readonly string[];
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly trace: boolean;
}

/** `natswire serve`: the embedded server, until ctrl+c. */
export function serve(program: Command): void {
  program
    .command("serve")
    .description("run the embedded NATS server until ctrl+c")
    .option("--port <port>", "port for NATS clients, 0 for a free one", port, 4222)
    .option("--host <host>", "address to listen at", "127.0.0.1")
    .option("--websocket <port>", "a further door for WebSockets, 0 for a free port", port)
    .option("--user <name:password>", "let in who says so; may be given several times", list)
    .option("--token <token>", "let in who says so")
    .option("--cert <file>", "certificate for TLS, PEM")
    .option("--key <file>", "its key, PEM")
    .option("--trace", "print each frame, without credentials", false)
    .addHelpText("after", "\nExample:\n  $ natswire serve --port 4222 --user ann:s3cret --trace")
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  const { host, port, websocket, user = [], cert, key, trace } = options;
  if ((cert === undefined) !== (key === undefined)) command.error("error: --cert and --key go together");
  // Not as a wrong argument, which would be shown.
  if (user.some((one) => !/^[^:]+:/.test(one))) command.error("error: --user is name:password");
  const tls = cert === undefined || key === undefined ? undefined : tlsOf(cert, key);
  const watched = trace ? tracing(new Printer({}, printInPassing)) : (listen: Listen): Listen => listen;
  const stop = interrupted();
  const place = { host, port };
  const server = await serveWith(watched(listenWith({ tls })), { ...place, ...whoIsLetIn(options) }).catch(
    failedAt(place),
  );
  try {
    const hint = tls === undefined ? `; try: telnet ${host} ${server.port}` : "";
    tell(`${server.url} is listening${hint}`);
    if (websocket !== undefined) {
      // Loading it takes as long as all the rest.
      const { listenWith } = await import("@natswire/node/websocket");
      const place = { host, port: websocket };
      const door = await server.listen(watched(listenWith({ tls })), place).catch(failedAt(place));
      tell(`${door.url} is listening`);
    }
    tell("ctrl+c drains and exits");
    await stop;
    const { connections, published, delivered } = server.stats;
    tell(`closing ${counted(connections, "connection")}; ${counted(published, "message")} in, ${delivered} out`);
  } finally {
    await server.close();
  }
  await end();
}

function whoIsLetIn({ user, token: word }: Options): ServeOptions {
  const named = user?.map((one) => {
    const [, user = "", password = ""] = /^([^:]+):(.*)$/s.exec(one) ?? [];
    return { user, password };
  });
  const ways = [
    ...(named === undefined ? [] : [userAuthorizer(named)]),
    ...(word === undefined ? [] : [tokenAuthorizer(word)]),
  ];
  return ways.length === 0 ? {} : { authorize: anyAuthorizer(...ways) };
}

function tlsOf(certFile: string, keyFile: string): { cert: string; key: string } {
  const tls = { cert: read(certFile), key: read(keyFile) };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new Failure(`--cert ${certFile} and --key ${keyFile} cannot be used: ${reasonOf(error)}`);
  }
  return tls;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Failure(`cannot read ${file}: ${reasonOf(error)}`);
  }
}
