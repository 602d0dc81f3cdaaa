// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import { connzParameters } from "./connz.ts";
import type { Monitor } from "./monitor.ts";
import { parseQuery } from "./query.ts";
import { subszParameters } from "./subsz.ts";
import type { Varz } from "./varz.ts";

/** An answer to an HTTP request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Answers HTTP requests for the state of a server, as nats-server does on its monitoring port. */
export class MonitorPages {
  /** By path; each gets the query. */
  readonly #pages: ReadonlyMap<string, (query: string) => Answer>;
  readonly #requests: Record<string, number> = {};

  /** @param ofProcess returns the fields of `varz` that are about the process and its port */
  constructor(monitor: Monitor, ofProcess: () => Partial<Varz>) {
    this.#pages = new Map<string, (query: string) => Answer>([
      ["/", () => ({ status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: START_PAGE })],
      ["/varz", () => json({ ...monitor.varz(), ...ofProcess(), http_req_stats: this.#requests })],
      ["/connz", (query) => json(monitor.connz(parseQuery(query, connzParameters)))],
      ["/subsz", (query) => json(monitor.subsz(parseQuery(query, subszParameters)))],
      ["/healthz", () => json(monitor.healthz(), monitor.healthz().status === "ok" ? 200 : 503)],
    ]);
  }

  /** Answers a request for a path with its query. */
  answer(method: string, target: string): Answer {
    const [path = "", query = ""] = target.split("?", 2);
    const page = this.#pages.get(path);
    if (page === undefined) return plain(404, "404 page not found");
    if (method !== "GET" && method !== "HEAD") return plain(405, "405 use GET", { allow: "GET, HEAD" });
    this.#requests[path] = (this.#requests[path] ?? 0) + 1;
    try {
      return page(query);
    } catch (error) {
      if (error instanceof UsageError) return plain(400, error.message);
      throw error;
    }
  }
}

function json(data: object, status = 200): Answer {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(data, null, 2) };
}

function plain(status: number, text: string, headers: Answer["headers"] = {}): Answer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body: `${text}\n` };
}

const START_PAGE = `<!doctype html>
<html lang="en">
<title>Embedded NATS server</title>
<h1>Embedded NATS server</h1>
<p><a href="varz">Server</a>
<p><a href="connz">Connections</a>
<p><a href="subsz">Subscriptions</a>
<p><a href="healthz">Health check</a>
`;
