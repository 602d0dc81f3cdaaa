// SPDX-License-Identifier: Apache-2.0
import { realClock } from "../../clock.ts";
import { checkNoMore, checkOptions } from "../../options.ts";
import { type ListenAddress, type Listener, urlOf } from "../../transport/transport.ts";
import type { EmbeddedServer } from "../embedded-server.ts";
import { listenFailure } from "../listen-failure.ts";
import type { Server } from "../server.ts";
import { addressOf } from "../server-options.ts";
import { type MonitorOptions, monitor } from "./monitor.ts";
import { MonitorPages } from "./pages.ts";
import type { Varz } from "./varz.ts";

/** What `serveMonitor` needs of its runtime. */
export interface MonitorHost {
  /** The module `node:http`. */
  readonly http: {
    createServer(answer: (request: Request, response: Response) => void): HttpServer;
  };
  readonly process: {
    cpuUsage(): { readonly user: number; readonly system: number };
    memoryUsage(): { readonly rss: number };
  };
  /** How many processors there are. */
  readonly cores: number;
}

interface Request {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

interface Response {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown };
}

interface HttpServer {
  once(event: "error", listener: (error: Error) => void): unknown;
  off(event: "error", listener: (error: Error) => void): unknown;
  listen(at: ListenAddress, listening: () => void): unknown;
  address(): { readonly port: number } | string | null;
  close(closed: () => void): unknown;
  closeAllConnections(): void;
}

/**
 * Serves the state of a server over HTTP: `serveMonitor` of a runtime.
 *
 * @param more the arguments after the options, which are rejected
 * @throws UsageError BAD_FIELD if the server or an option is not valid
 * @throws ConnectionError CLOSED if the server is closed
 * @throws the error of the socket, for example if the address is in use
 */
export async function serveMonitorOn(
  runtime: MonitorHost,
  server: Server,
  options: MonitorOptions,
  more: readonly unknown[],
): Promise<Listener> {
  checkNoMore(more, "serveMonitor(server, { host, port })");
  const source = monitor(server);
  const at = addressOf(options);
  checkOptions(options, ["host", "port"], "serveMonitor");
  const usage = usageOf(runtime);
  let port = at.port;
  const http = { http_host: at.host, http_base_path: "", https_port: 0 };
  const pages = new MonitorPages(source, () => ({ ...usage(), ...http, http_port: port }));
  const listener = await bind(runtime, at, pages);
  port = listener.port;
  try {
    // `monitor` has checked that it is one.
    (server as EmbeddedServer).attach(listener);
  } catch (error) {
    await listener.close();
    throw error;
  }
  return listener;
}

/** Listens on an address. */
function bind(runtime: MonitorHost, at: ListenAddress, pages: MonitorPages): Promise<Listener> {
  return new Promise((resolve) => {
    const http = runtime.http.createServer(({ method = "", url = "" }, response) => {
      const { status, headers, body } = pages.answer(method, url);
      response.writeHead(status, { ...headers }).end(body);
    });
    const fail = (error: Error): void => resolve(listenFailure(error, at));
    http.once("error", fail);
    http.listen(at, () => {
      http.off("error", fail);
      const address = http.address();
      const port = typeof address === "object" && address !== null ? address.port : at.port;
      const close = (): Promise<void> =>
        new Promise((closed) => {
          http.close(() => closed());
          // Also those whose request has not arrived as a whole.
          http.closeAllConnections();
        });
      resolve({ url: urlOf("http", { host: at.host, port }), port, close });
    });
  });
}

/** Returns a function that returns what the process uses. */
function usageOf({ process, cores }: MonitorHost): () => Partial<Varz> {
  let before = { at: realClock.now(), used: usedBy(process) };
  return () => {
    const now = { at: realClock.now(), used: usedBy(process) };
    const share = (now.used - before.used) / Math.max(1, now.at - before.at);
    before = now;
    return { mem: process.memoryUsage().rss, cores, cpu: Math.round(1000 * share) / 10 };
  };
}

/** Returns the milliseconds for which a process has used a core. */
function usedBy(process: MonitorHost["process"]): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
