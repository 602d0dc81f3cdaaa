// SPDX-License-Identifier: Apache-2.0
// A service with logs, health checks, metrics and a graceful shutdown:
// NATS_URL=nats://127.0.0.1:4222 HTTP_PORT=8080 node service.mjs
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "@natswire/node";
import { Counter, Gauge, register } from "prom-client";

const { NATS_URL: servers, NATS_TOKEN: token } = process.env;
const { HTTP_HOST = "127.0.0.1", HTTP_PORT = "" } = process.env;
const port = /^\d+$/.test(HTTP_PORT) ? Number(HTTP_PORT) : 0;
if (port < 1 || port > 65_535) {
  console.error(`HTTP_PORT must be a number from 1 to 65535, not "${HTTP_PORT}"`);
  process.exit(1);
}

/** @type {import("@natswire/node").Connection | undefined} */
let client; // undefined until the first connection

// The signal, the health checks and the metrics come first: they work while the client
// waits for its first connection.
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

const http = createServer(async ({ url }, response) => {
  if (url === "/healthz") {
    response.writeHead(client?.isClosed ? 500 : 200).end();
  } else if (url === "/readyz") {
    const error = await client?.rtt({ timeout: 500 }).then(
      () => "OK",
      (error) => error.code,
    );
    response.writeHead(error === "OK" ? 200 : 503).end(`${error ?? "CONNECTING"}\n`);
  } else if (url === "/metrics") {
    response
      .setHeader("content-type", register.contentType)
      .end(await register.metrics());
  } else {
    response.writeHead(404).end();
  }
});
http.listen(port, HTTP_HOST);

new Gauge({
  name: "natswire_connected",
  help: "1 if connected, otherwise 0",
  collect() {
    this.set(client?.isConnected ? 1 : 0);
  },
});

/** Exports the statistics. @param {import("@natswire/node").Connection} client */
function exportStats(client) {
  for (const name of Object.keys(client.stats)) {
    const isGauge = name === "inFlight" || name === "buffered"; // the others never fall
    const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    new (isGauge ? Gauge : Counter)({
      name: `natswire_${snake}${isGauge ? "" : "_total"}`,
      help: `client.stats.${name}`,
      collect() {
        this.reset();
        this.inc(Reflect.get(client.stats, name));
      },
    });
  }
}

/** Writes a line of the log. @param {string} level @param {object} fields */
function log(level, fields) {
  console.log(JSON.stringify({ time: new Date().toISOString(), level, ...fields }));
}

/** The levels of the statuses; the others have the level info. */
const levels = new Map([
  ["connecting", "debug"],
  ["update", "debug"],
  ["disconnect", "warn"],
  ["slowConsumer", "warn"],
  ["error", "error"],
]);

/** Logs a status. @param {import("@natswire/node").Status} status */
function logStatus({ type, ...fields }) {
  const error = "error" in fields && fields.error ? String(fields.error) : undefined;
  log(levels.get(type) ?? "info", { event: type, ...fields, error });
}

try {
  const { signal } = stop;
  client = await connect({
    servers,
    token,
    name: "orders",
    waitOnFirstConnect: true,
    onStatus: logStatus,
    signal,
  });
  exportStats(client);
  client.subscribe("orders.price", {
    queue: "orders",
    callback: (message) => message.respond("12"),
  });
  await client.flush(); // the server has received the subscription
  log("info", { event: "ready" });

  if (!signal.aborted) await once(signal, "abort");
  await client.drain({ timeout: 5000 }); // close takes up to a second more
} catch (error) {
  if (error !== stop.signal.reason) {
    log("error", { error: String(error) });
    process.exitCode = 1;
  }
}
http.close();
