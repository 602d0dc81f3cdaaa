// SPDX-License-Identifier: Apache-2.0
// Prints each object of the API as a program that debugs does, in any runtime.
import { connectWith, MsgHeaders, pipe, serveClusterWith, serveWith } from "@natswire/io";

const net = pipe();
const server = await serveWith(net.listen, { port: 0 });
const client = await connectWith(net.dial, { servers: server.url, name: "demo" });
const subscription = client.subscribe("a", { queue: "q" });
const local = server.subscribe("a");
client.publish("a", "hi\x1b[31m", { headers: { Accept: ["x", "y"] } });
await client.flush();

console.log(await subscription.next());
console.log([new MsgHeaders({ Kind: "new" })]);
console.log(subscription, local);
console.log(client);
console.log(server, server.connections);
await client.close();
await server.close();

const cluster = await serveClusterWith(net.listen, 2);
await cluster.servers[1]?.kill();
console.log(cluster);
await cluster.close();
