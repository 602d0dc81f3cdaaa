// SPDX-License-Identifier: Apache-2.0
import { connect, MsgHeaders } from "@natswire/bun";

// In every runtime the same, but for the import above; the argument says where the server is.
const client = await connect({ servers: process.argv[2] });

// A service, of which there could be more…
const greeter = client.subscribe("greet", {
  queue: "greeters",
  callback(request) {
    const language = request.headers?.get("language");
    request.respond(`${language === "fr" ? "bonjour" : "hello"}, ${request.text()}`);
    client.publish("greeted", request.text(), { headers: new MsgHeaders([["language", language ?? "en"]]) });
  },
});
// …somebody who hears what it tells of, until the client leaves…
const diary = client.subscribe("greeted");
await Promise.all([greeter.ready(), diary.ready()]);

// …and somebody who asks.
const french = await client.request("greet", "eve", { headers: new MsgHeaders([["language", "fr"]]) });
const english = await client.request("greet", "bob");
console.log(french.text());
console.log(english.text());

// What is under way is read first: the loop ends behind all of it.
const drained = client.drain();
for await (const message of diary) console.log(`${message.text()} was greeted in ${message.headers?.get("language")}`);
await drained;
console.log(`${client.stats.confirmed} of ${client.stats.published} confirmed`);
