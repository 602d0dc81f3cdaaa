// SPDX-License-Identifier: Apache-2.0
// Serves in Bun until its input ends. Receives certificates as JSON and prints its ports.
import { type Server, type ServerTls, serve, serveMonitor } from "@natswire/bun";

const { cert, key, ca } = JSON.parse(process.argv[2]!) as Record<"cert" | "key" | "ca", string>;
const plain: Server = await serve();
plain.subscribe("connections", {
  callback: (message) => void message.respond(String(plain.connections.length)),
});
const failures: string[] = [];
const handshakeFailed = ({ address = "" }, { message }: Error): void => void failures.push(`${address} ${message}`);
plain.subscribe("failures", { callback: (message) => void message.respond(failures.splice(0).join("\n")) });
const servers = {
  plain,
  required: await serve({ handshakeFailed, tls: { cert, key } }),
  first: await serve({ handshakeFailed, tls: { cert, key, when: "first" } }),
  strict: await serve({ handshakeFailed, tls: { cert, key, ca, requestCert: true, handshakeTimeout: 200 } }),
  monitored: await serve(),
  slow: await serve({ authorize: () => new Promise((resolve) => setTimeout(() => resolve({}), 100)) }),
};

const { url: monitor } = await serveMonitor(servers.monitored);

async function refusal(tls: ServerTls): Promise<string> {
  return serve({ tls }).then(
    () => "none",
    (error) => error.message,
  );
}

const ports = Object.fromEntries(Object.entries(servers).map(([name, { port }]) => [name, port]));
const refusals = [
  await refusal({ cert, key, when: "available" }),
  await refusal({ cert, key: "none" }),
  await refusal({ cert: ca, key }),
  await serve({ port: plain.port }).then(
    () => "none",
    ({ message, code }) => `${code} ${message}`,
  ),
];
console.log(JSON.stringify({ ports, refusals, monitor }));
for await (const _ of process.stdin);
for (const one of Object.values(servers)) await one.close();
