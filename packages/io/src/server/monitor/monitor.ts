// SPDX-License-Identifier: Apache-2.0
import type { CloseAction } from "@natswire/server";
import { badValue } from "../../bad-field.ts";
import { host } from "../../platform.ts";
import { EmbeddedServer } from "../embedded-server.ts";
import { HandshakeError } from "../handshake-error.ts";
import type { PeerConnection } from "../peer-connection.ts";
import type { Server } from "../server.ts";
import { type Connz, type ConnzOptions, connz } from "./connz.ts";
import { type Entry, entryOf, type Source } from "./snapshot.ts";
import { type Subsz, type SubszOptions, subsz } from "./subsz.ts";
import { type Varz, varz } from "./varz.ts";

/** Where `serveMonitor` listens. */
export interface MonitorOptions {
  /** 127.0.0.1 by default. */
  readonly host?: string | undefined;
  /** 0, the default, takes a free port. nats-server's usual one is 8222. */
  readonly port?: number | undefined;
}

/** Whether the server accepts clients, as `/healthz` of nats-server describes it. */
export interface Healthz {
  readonly status: "ok" | "error";
  /** Why it accepts no clients. */
  readonly error?: string;
}

/**
 * The state of a server, with the field names of nats-server's monitoring endpoints. Each method returns a new object, ready for
 * `JSON.stringify`.
 */
export interface Monitor {
  /** Returns limits and totals of the server. */
  varz(): Varz;
  /**
   * Returns a page of the connections.
   *
   * @throws UsageError BAD_FIELD if an option is unknown or not valid
   */
  connz(options?: ConnzOptions): Connz;
  /**
   * Returns the statistics of the subscriptions, and with `subs` a page of them.
   *
   * @throws UsageError BAD_FIELD if an option is unknown or not valid
   */
  subsz(options?: SubszOptions): Subsz;
  /**
   * Returns whether the server accepts clients. It is an error in lame duck mode, after `close` was called, and for a cluster if
   * all its servers are killed.
   */
  healthz(): Healthz;
}

/**
 * Returns the monitor of an embedded server. Closed connections are kept from the first call on, the last 1,024 of them.
 *
 * All servers of a cluster have one monitor, with the id and the address of the first.
 *
 * @throws UsageError BAD_FIELD if it is not an embedded server
 * @example
 * ```js
 * import { connect, monitor, serve } from "@natswire/node";
 *
 * const server = await serve();
 * const client = await connect({ servers: server.url, name: "orders" });
 * console.log(monitor(server).connz().connections[0].name); // orders
 * await client.close();
 * await server.close();
 * ```
 */
export function monitor(server: Server): Monitor {
  if (!(server instanceof EmbeddedServer)) throw badValue("server", "a server that serve() started", server);
  const existing = monitors.get(server);
  if (existing !== undefined) return existing;
  const created = new ServerMonitor(server);
  monitors.set(server, created);
  return created;
}

const monitors: WeakMap<EmbeddedServer, Monitor> = /* @__PURE__ */ new WeakMap();

// One page of `connz`. nats-server keeps 10,000.
const MAX_CLOSED = 1024;

class ServerMonitor implements Monitor, Source {
  readonly server: EmbeddedServer;
  readonly closed: Entry[] = [];
  readonly date: Source["date"];

  constructor(server: EmbeddedServer) {
    const { driver } = server;
    this.server = server;
    // The date at which the server's clock was at 0.
    const origin = host.Date.now() - driver.now();
    this.date = (at) => new Date(origin + at).toISOString();
    driver.ending.add((connection, close) => {
      const entry = entryOf(server, connection, driver.now(), reasonOf(close, connection));
      if (entry !== undefined && this.closed.push(entry) > MAX_CLOSED) this.closed.shift();
    });
  }

  varz(): Varz {
    return varz(this);
  }

  connz(options: ConnzOptions = {}): Connz {
    return connz(this, options);
  }

  subsz(options: SubszOptions = {}): Subsz {
    return subsz(this, options);
  }

  healthz(): Healthz {
    if (this.server.isClosed) return { status: "error", error: "the server is closed" };
    if (this.server.driver.core.view.info.ldm === true)
      return { status: "error", error: "the server is in lame duck mode" };
    if (this.server.servers?.every(({ isRunning }) => !isRunning))
      return { status: "error", error: "no server of the cluster is running" };
    return { status: "ok" };
  }
}

/** Returns nats-server's words for the end of a connection. For a limit, or a `drop`, it is ours. */
function reasonOf(close: CloseAction | undefined, { cause }: PeerConnection): string {
  switch (close?.reason) {
    case undefined:
      return cause instanceof HandshakeError ? "TLS Handshake Failure" : "Client Closed";
    case "auth":
      return "Authentication Failure";
    case "protocol":
      return "Protocol Violation";
    case "stale":
      return "Stale Connection";
    case "slow":
      return "Slow Consumer (Pending Bytes)";
    case "shutdown":
      return "Server Shutdown";
    case "refused":
      return close?.detail ?? "";
  }
}
