// SPDX-License-Identifier: Apache-2.0
import { errors } from "@nats-io/nats-core";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
const nc = toNatsConnection(client);

try {
  await nc.request("nobody.home");
} catch (error) {
  console.log(error instanceof errors.RequestError, error.isNoResponders());
  console.log(error.cause.cause.code);
}

await client.drain();
