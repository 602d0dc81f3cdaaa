// SPDX-License-Identifier: Apache-2.0
// Counts messages for Prometheus: node metrics.mjs 4223 4222 9222 orders. stock.
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";
import { clientFrames, ProtocolError, serverFramesWithAnySid } from "@natswire/codec";
import { PART, PartScanner, subjectStartsWith } from "@natswire/codec/rewrite";

const [port, upstream, metricsPort, ...prefixes] = process.argv.slice(2);
const { PUB, HPUB } = clientFrames.kinds;
const { MSG, HMSG } = serverFramesWithAnySid.kinds;
// The server enforces its own limits.
const limits = { ...serverFramesWithAnySid.limits, payload: Number.POSITIVE_INFINITY };
const published = newCounters();
const delivered = newCounters();
let connections = 0;
let unreadable = 0;

const proxy = createServer((client) => {
  const server = connect(Number(upstream), "127.0.0.1");
  connections++;
  client.on("close", () => connections--);
  // All bytes are passed on as they are, also those that are not frames.
  pipeline(client, server, () => {});
  pipeline(server, client, () => {});
  count(client, new PartScanner(clientFrames, limits), [PUB, HPUB], published);
  count(server, new PartScanner(serverFramesWithAnySid, limits), [MSG, HMSG], delivered);
});

/** Returns one counter for each prefix, and one for all other subjects. */
function newCounters() {
  return [...prefixes, "other"].map((prefix) => ({ prefix, messages: 0, bytes: 0 }));
}

/**
 * Counts the messages that a socket receives. No strings or objects are made of them.
 *
 * @param {import("node:net").Socket} socket @param {PartScanner} scanner
 * @param {number[]} kinds @param {ReturnType<typeof newCounters>} counters
 */
function count(socket, scanner, kinds, counters) {
  const other = counters[counters.length - 1];
  let counter = other;
  socket.on("data", function read(chunk) {
    try {
      scanner.push(chunk);
      for (let kind = scanner.next(); kind !== 0; kind = scanner.next()) {
        if (kinds.includes(kind)) {
          counter = counters.find(({ prefix }) => subjectStartsWith(scanner, prefix)) ?? other;
          counter.messages++;
        } else if (kind !== PART) continue;
        counter.bytes += scanner.size; // of a large message: one part after the other
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      unreadable++; // TLS, for example
      socket.off("data", read);
    }
  });
}

/** Returns the counts in the text format of Prometheus. */
function report() {
  const lines = [
    "# TYPE nats_connections gauge",
    `nats_connections ${connections}`,
    "# TYPE nats_unreadable_streams_total counter",
    `nats_unreadable_streams_total ${unreadable}`,
  ];
  for (const field of /** @type {const} */ (["messages", "bytes"])) {
    lines.push(`# TYPE nats_${field}_total counter`);
    for (const [direction, counters] of Object.entries({ published, delivered })) {
      for (const { prefix, [field]: value } of counters) {
        lines.push(`nats_${field}_total{direction="${direction}",prefix="${prefix}"} ${value}`);
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

const metrics = createHttpServer((request, response) => {
  if (request.url !== "/metrics") return response.writeHead(404).end();
  response.writeHead(200, { "content-type": "text/plain; version=0.0.4" });
  response.end(report());
});
metrics.listen(Number(metricsPort), "127.0.0.1", () => {
  proxy.listen(Number(port), "127.0.0.1", () => {
    const [clients, scrapes] = [proxy, metrics].map((one) => Object(one.address()).port);
    console.log(`listening at port ${clients}, http://127.0.0.1:${scrapes}/metrics`);
  });
});
