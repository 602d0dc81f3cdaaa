import { connect, logFrames, serve } from "@natswire/node";

// Change this file as you like: git ignores it. `npm run play` runs it on the packages' source, without a build.
const server = await serve();
const client = await connect({ servers: server.url, debug: logFrames((_, line) => console.log(line.trimEnd())) });

client.subscribe("double", { callback: (m) => m.respond(String(2 * Number(m.text()))) });
console.log((await client.request("double", "21")).text());

await client.close();
await server.close();
