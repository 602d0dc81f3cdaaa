// SPDX-License-Identifier: Apache-2.0
import { connect, nkeyAuthenticator } from "@natswire/websocket";

// A key pair for this example only.
const seed = "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";

addEventListener("message", async ({ data: servers }) => {
  const client = await connect({ servers, authenticator: nkeyAuthenticator(seed) });
  client.subscribe("greet", { callback: (message) => message.respond(`hello, ${message.text()}`) });
  const reply = await client.request("greet", "ann");
  postMessage(reply.text());
});
