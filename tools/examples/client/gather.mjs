// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] ?? "nats://127.0.0.1:4222" });
for (const name of ["ann", "bob", "eve"]) {
  client.subscribe("who", { callback: (request) => request.respond(name) });
}
client.subscribe("pages", {
  callback(request) {
    for (const page of ["first", "second", ""]) request.respond(page);
  },
});

/**
 * @param {string} subject
 * @param {import("@natswire/node").RequestManyOptions} options
 */
async function gather(subject, options) {
  const texts = [];
  for await (const reply of client.requestMany(subject, "", options))
    texts.push(reply.text());
  return texts.sort();
}

console.log("for 500 ms:", await gather("who", { maxWait: 500 }));
console.log("the first two:", (await gather("who", { maxMessages: 2 })).length);
console.log(
  "until a pause of 250 ms:",
  await gather("who", { strategy: "stall", stall: 250 }),
);
console.log("until an empty reply:", await gather("pages", { strategy: "sentinel" }));
await client.close();
