// SPDX-License-Identifier: Apache-2.0
// A service with logs, health checks, metrics and a graceful shutdown: node service.mjs nats://127.0.0.1:4222 8080
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "@natswire/node";

const [servers, port] = process.argv.slice(2);
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
  } else if (url === "/metrics" && client !== undefined) {
    response
      .writeHead(200, { "content-type": "text/plain; version=0.0.4" })
      .end(metrics(client.stats));
  } else {
    response.writeHead(404).end();
  }
});
http.listen(Number(port), "127.0.0.1");

/**
 * Writes the statistics in the text format of Prometheus.
 *
 * @param {import("@natswire/node").ConnectionStats} stats
 */
function metrics(stats) {
  let text = "";
  for (const [name, value] of Object.entries(stats)) {
    const isGauge = name === "inFlight" || name === "buffered"; // the others never fall
    const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const metric = `natswire_${snake}${isGauge ? "" : "_total"}`;
    text += `# TYPE ${metric} ${isGauge ? "gauge" : "counter"}\n${metric} ${value}\n`;
  }
  return text;
}

/** Writes a line of the log. @param {object} fields */
function log(fields) {
  console.log(JSON.stringify({ time: new Date().toISOString(), ...fields }));
}

try {
  const { signal } = stop;
  client = await connect({ servers, name: "orders", waitOnFirstConnect: true, signal });
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
