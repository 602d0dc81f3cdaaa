// SPDX-License-Identifier: Apache-2.0
// One question, many replies: node gather.mjs nats://127.0.0.1:4222
import { connect } from "@natswire/node";

const client = await connect({ servers: process.argv[2] });
try {
  for (const name of ["ann", "bob", "eve"]) {
    client.subscribe("who", { callback: (question) => question.respond(name) });
  }
  client.subscribe("pages", {
    callback(question) {
      for (const page of ["first", "second", ""]) question.respond(page);
    },
  });

  /** @param {string} subject @param {import("@natswire/node").RequestManyOptions} options */
  async function gathered(subject, options) {
    const texts = [];
    for await (const reply of client.requestMany(subject, "", options)) texts.push(reply.text());
    return texts.sort();
  }

  console.log("for a time:", await gathered("who", { maxWait: 500 }));
  console.log("two of them:", (await gathered("who", { strategy: "count", maxMessages: 2 })).length);
  console.log("until silence:", await gathered("who", { strategy: "stall", stall: 250 }));
  console.log("until an empty one:", await gathered("pages", { strategy: "sentinel" }));
} finally {
  await client.close();
}
