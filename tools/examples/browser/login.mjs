// SPDX-License-Identifier: Apache-2.0
import { connect } from "@natswire/websocket";

const servers =
  new URLSearchParams(location.search).get("server") ?? "ws://127.0.0.1:8080";

/** @type {import("@natswire/websocket").Authenticator} */
async function fetchCredentials() {
  const response = await fetch("/nats-token");
  return { auth_token: await response.text() };
}
const client = await connect({ servers, authenticator: fetchCredentials });

client.subscribe("greet", {
  callback: (message) => message.respond(`hello, ${message.text()}`),
});
document.body.append((await client.request("greet", "ann")).text());
