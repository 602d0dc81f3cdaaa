// SPDX-License-Identifier: Apache-2.0
import { Svcm } from "@nats-io/services";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
const nc = toNatsConnection(client);
const services = new Svcm(nc);

const calculator = await services.add({ name: "calculator", version: "1.0.0" });
calculator.addEndpoint("double", (_error, message) => {
  message.respond(String(2 * Number(message.string())));
});

const reply = await nc.request("double", "21");
console.log(reply.string());
for await (const { name, version } of await services.client().ping()) {
  console.log(`${name} ${version} is running`);
}

await client.drain();
