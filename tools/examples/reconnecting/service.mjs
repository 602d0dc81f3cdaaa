// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({
  servers: process.argv[2]?.split(",") ?? [
    "nats://127.0.0.1:4222",
    "nats://127.0.0.1:4223",
  ],
  waitOnFirstConnect: true, // wait for a server at the start, too
});
console.log("connected");
client.onStatus((status) => {
  if (status.type === "disconnect") console.log("disconnected:", status.error.message);
  if (status.type === "reconnecting")
    console.log(`next attempt in ${status.after} ms:`, status.error.message);
  if (status.type === "reconnect") console.log("connected to", status.server);
  if (status.type === "ldm") console.log("the server will shut down");
  if (status.type === "error") console.log("error:", String(status.error));
  if (status.type === "slowConsumer")
    console.log(`${status.subscription.subject}: ${status.dropped} dropped`);
});

const error = await client.closed;
if (error !== undefined) throw error; // no server is left to try
