// SPDX-License-Identifier: Apache-2.0
import { connect, MsgHeaders } from "@natswire/deno";

// The same on every runtime, except for the import above; the argument is the server.
const client = await connect({ servers: process.argv[2] });

// A service; more members could share the queue group…
const greeter = client.subscribe("greet", {
  queue: "greeters",
  callback(request) {
    const language = request.headers?.get("language");
    request.respond(`${language === "fr" ? "bonjour" : "hello"}, ${request.text()}`);
    client.publish("greeted", request.text(), { headers: new MsgHeaders([["language", language ?? "en"]]) });
  },
});
// …a subscriber to its announcements, until the client drains…
const diary = client.subscribe("greeted");
await Promise.all([greeter.ready(), diary.ready()]);

// …and a client that sends requests.
const french = await client.request("greet", "eve", { headers: new MsgHeaders([["language", "fr"]]) });
const english = await client.request("greet", "bob");
console.log(french.text());
console.log(english.text());

// Messages in flight are read first; then the loop ends.
const drained = client.drain();
for await (const message of diary) console.log(`${message.text()} was greeted in ${message.headers?.get("language")}`);
await drained;
console.log(`${client.stats.confirmed} of ${client.stats.published} confirmed`);
