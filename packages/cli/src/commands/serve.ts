// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { type Listen, type ListenAddress, type Listener, type Server, type ServerHooks, serveWith } from "@natswire/io";
import { listenWith, serveMonitor } from "@natswire/node";
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { readConfig } from "../config/read-config.ts";
import { type ServerSetup, setupOf } from "../config/setup.ts";
import { formatCount } from "../format/format.ts";
import { terminalOf } from "../format/terminal.ts";
import { Failure, fail, flushAndExit, formatError, log, printOrSkip, waitForInterrupt } from "../output.ts";
import { Printer } from "../tap/printer.ts";
import { traceTo } from "../tap/trace.ts";
import { addServeOptions, type ServeFlags, withFlags } from "./serve-options.ts";

const help = `
The file of --config has the keys of a nats-server's configuration: both servers read the same file.
SIGUSR2 starts lame duck mode: it asks clients to leave, closes their connections one by one, and exits.
SIGUSR1 is ignored: there is no log file to open again.

Examples:
  $ natswire serve --port 4222 --user ann:s3cret --trace
  $ natswire serve --jetstream
  $ natswire serve --config server.json --port 4333`;

/** Adds the command `natswire serve`: the embedded server. */
export function serve(program: Command): void {
  const command = program.command("serve").description("run the embedded NATS server until ctrl+c");
  addServeOptions(command).addHelpText("after", help).action(run);
}

async function run(flags: ServeFlags, command: Command): Promise<void> {
  // Without a listener, Node opens its debugger for everyone on this machine.
  process.on("SIGUSR1", () => log("SIGUSR1 is ignored: there is no log file to open again"));
  const file = flags.config === undefined ? {} : await readConfig(flags.config);
  const config = withFlags(file, flags, command);
  const setup = await setupOf(config);
  const interrupted = waitForInterrupt();
  const lameDuck = new Promise<"lame duck">((resolve) => process.on("SIGUSR2", () => resolve("lame duck")));
  const server = await start(setup, config, flags, command.parent?.version());
  try {
    log("press ctrl+c to drain and exit");
    if ((await Promise.race([interrupted, lameDuck])) === "lame duck") {
      log(`lame duck mode: ${formatCount(server.stats.connections, "connection")}`);
      await Promise.race([interrupted, server.lameDuck(setup.lameDuck.grace, setup.lameDuck.duration)]);
    }
    const { connections, published, delivered } = server.stats;
    log(
      `closing ${formatCount(connections, "connection")}; ${formatCount(published, "message")} published, ${delivered} delivered`,
    );
  } finally {
    await server.close();
  }
  await flushAndExit();
}

/** Listens on all addresses, and prints them. */
async function start(
  setup: ServerSetup,
  { trace, debug }: Config,
  { compat = "2.14" }: ServeFlags,
  version?: string,
): Promise<Server> {
  const { address, advertised, options, tls, webSocket, monitor } = setup;
  const traced = trace
    ? traceTo(new Printer({}, printOrSkip, terminalOf(process.stdout)))
    : (listen: Listen): Listen => listen;
  const listen = traced(listenWith({ tls }));
  const server = await serveWith(advertised === undefined ? listen : listenOn(address, listen, advertised.port), {
    ...options,
    ...(debug ? logged : {}),
    ...(advertised ?? address),
    compat,
    handshakeFailed: ({ address, port }, { message }) => log(`${address}:${port}: ${message}`),
    failed: (error) => log(`cannot authenticate a client: ${formatError(error)}`),
  }).catch(fail);
  const others: Listener[] = [];
  try {
    if (webSocket !== undefined) others.push(await startWebSocket(server, webSocket, traced));
    if (monitor !== undefined) others.push(await serveMonitor(server, monitor).catch(fail));
  } catch (error) {
    await server.close();
    throw error instanceof UsageError ? new Failure(`websocket: ${error.message}`) : error;
  }
  log(`natswire ${version}, an embedded server like nats-server ${compat}`);
  if (options.jetstream !== undefined)
    log("JetStream of nats-server 2.11; its streams are in memory, and end with this process");
  const { hostname, port } = new URL(server.url);
  log(`${server.url} is listening${tls === undefined ? `; try: telnet ${hostname} ${port}` : ""}`);
  for (const { url } of others) log(`${url} is listening`);
  return server;
}

async function startWebSocket(
  server: Server,
  { address, options }: NonNullable<ServerSetup["webSocket"]>,
  traced: (listen: Listen) => Listen,
): Promise<Listener> {
  // Loaded on demand: it takes as long to load as everything else.
  const { listenWith } = await import("@natswire/node/websocket");
  return server.listen(traced(listenWith(options)), address).catch(fail);
}

/** Returns a `Listen` for one address, so that INFO can name another one. */
function listenOn(address: ListenAddress, listen: Listen, advertisedPort: number): Listen {
  return async (_, accept, limits) => {
    const listener = await listen(address, accept, limits);
    return { ...listener, port: advertisedPort || listener.port };
  };
}

const logged: ServerHooks = {
  opened: ({ id, info }) => log(`connection ${id} from ${info?.address} opened`),
  closed: ({ id }, reason, detail) => log(`connection ${id} closed: ${[reason, detail].filter(Boolean).join(", ")}`),
};
