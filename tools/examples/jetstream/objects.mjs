// SPDX-License-Identifier: Apache-2.0
import { Objm } from "@nats-io/obj";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
const files = await new Objm(toNatsConnection(client)).create("files");

const { chunks } = await files.putBlob({ name: "photo" }, new Uint8Array(300_000));
const photo = await files.getBlob("photo");
console.log(`${photo.length} bytes in ${chunks} chunks`);

await client.drain();
