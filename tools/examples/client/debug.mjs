// SPDX-License-Identifier: Apache-2.0
// Shows every frame, without credentials: node debug.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";

const client = await connect({
  servers: process.argv[2],
  user: "ann",
  pass: "s3cret",
  // `true` prints them to stderr, one line each.
  debug: ({ from, frame }, line) => {
    if (frame.op !== "info") console.log(from, line);
  },
});
try {
  const messages = client.subscribe("foo", { max: 1 });
  client.publish("foo", "hello");
  for await (const message of messages) console.log(message.text());
} finally {
  await client.close();
}
