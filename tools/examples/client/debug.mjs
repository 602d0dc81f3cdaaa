// SPDX-License-Identifier: Apache-2.0
import { connect, logFrames } from "@natswire/node";

const client = await connect({
  servers: process.argv[2] ?? "nats://127.0.0.1:4222",
  user: "ann",
  pass: "s3cret",
  debug: logFrames(({ from, frame }, line) => {
    if (frame.op !== "info") console.log(from, line);
  }),
});
const messages = client.subscribe("foo", { max: 1 });
client.publish("foo", "hello");
for await (const message of messages) console.log(message.text());
await client.close();
