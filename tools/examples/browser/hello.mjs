// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/websocket";

const servers =
  new URLSearchParams(location.search).get("server") ?? "ws://127.0.0.1:8080";
const client = await connect({ servers });

client.subscribe("greet.*", {
  callback: (message) => message.respond(`hello, ${message.text()}`),
});
const reply = await client.request("greet.one", "ann");
document.body.append(reply.text());
