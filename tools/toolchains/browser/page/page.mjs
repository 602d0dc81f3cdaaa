// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/websocket";

async function greet() {
  const client = await connect(new URLSearchParams(location.search).get("server"));
  client.subscribe("greet", { callback: (message) => message.respond(`hello, ${message.text()}`) });
  const reply = await client.request("greet", "ann");
  document.body.append(reply.text());
}

greet();
