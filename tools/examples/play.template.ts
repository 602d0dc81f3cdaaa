import { connect, serve } from "@natswire/node";

// Yours to change: git does not see it. `npm run play` runs it on the source of the packages, without a build.
const server = await serve();
const client = await connect({ servers: server.url, debug: (_, line) => console.log(line.trimEnd()) });

client.subscribe("double", { callback: (m) => m.respond(String(2 * Number(m.text()))) });
console.log((await client.request("double", "21")).text());

await client.close();
await server.close();
