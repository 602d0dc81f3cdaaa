// SPDX-License-Identifier: Apache-2.0
// A service with logs, health checks, metrics and a graceful shutdown:
// NATS_URL=nats://127.0.0.1:4222 HTTP_PORT=8080 node service.mjs
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "@natswire/node";
import { Counter, Gauge, register } from "prom-client";

const { NATS_URL: servers, NATS_TOKEN: token } = process.env;
const { HTTP_HOST = "127.0.0.1", HTTP_PORT } = process.env;
/** @type {import("@natswire/node").Connection | undefined} */
let client; // undefined until the first connection

// The signal and the health checks come first: they work while the client waits for
// its first connection.
const stop = new AbortController();
process.once("SIGTERM", () => stop.abort());

const http = createServer(async ({ url }, response) => {
  if (url === "/live") {
    response.writeHead(client?.isClosed ? 500 : 200).end();
  } else if (url === "/ready") {
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
http.listen(Number(HTTP_PORT), HTTP_HOST);

/** Exports the statistics. @param {import("@natswire/node").Connection} client */
function exportMetrics(client) {
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

/** Writes a line of the log. @param {object} fields */
function log(fields) {
  console.log(JSON.stringify({ time: new Date().toISOString(), ...fields }));
}

try {
  const { signal } = stop;
  const options = { servers, token, name: "orders", waitOnFirstConnect: true };
  client = await connect({ ...options, signal });
  exportMetrics(client);
  client.onStatus(({ type, ...fields }) => {
    const error = "error" in fields ? String(fields.error) : undefined;
    const dropped = "dropped" in fields ? fields.dropped : undefined;
    log({ event: type, error, dropped });
  });
  client.subscribe("orders.price", {
    queue: "orders",
    callback: (message) => message.respond("12"),
  });
  await client.flush(); // the server has received the subscription
  log({ event: "ready" });

  if (!signal.aborted) await once(signal, "abort");
  await client.drain({ timeout: 5000 }); // close takes up to a second more
} catch (error) {
  if (error !== stop.signal.reason) {
    log({ error: String(error) });
    process.exitCode = 1;
  }
}
http.close();
