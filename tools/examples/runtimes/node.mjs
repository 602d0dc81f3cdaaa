// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/node";

// The same on every runtime, except for the import. The argument is the server's URL.
const client = await connect({ servers: process.argv[2] });

// A service in a queue group: more instances could share the requests.
const greeter = client.subscribe("greet", {
  queue: "greeters",
  callback(request) {
    const language = request.headers?.get("language");
    request.respond(`${language === "fr" ? "bonjour" : "hello"}, ${request.text()}`);
    client.publish("greeted", request.text(), {
      headers: { language: language ?? "en" },
    });
  },
});
// A subscriber that receives what the service publishes, until the client drains.
const greetings = client.subscribe("greeted");
await Promise.all([greeter.ready(), greetings.ready()]);

// Two requests with headers, one reply each.
const french = await client.request("greet", "eve", {
  headers: { language: "fr" },
});
const english = await client.request("greet", "bob");
console.log(french.text());
console.log(english.text());

// Drain: the loop ends after all messages in flight.
const drained = client.drain();
for await (const message of greetings)
  console.log(`${message.text()} was greeted in ${message.headers?.get("language")}`);
await drained;
console.log(`${client.stats.confirmed} of ${client.stats.published} confirmed`);
