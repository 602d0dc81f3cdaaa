// SPDX-License-Identifier: Apache-2.0
const { connect } = require("@natswire/websocket");

test("shows a greeting", async () => {
  const client = await connect(process.env.NATS_URL);
  client.subscribe("greet", {
    callback: (message) => message.respond(`hello, ${message.text()}`),
  });
  document.body.textContent = (await client.request("greet", "ann")).text();
  expect(document.body.textContent).toBe("hello, ann");
  await client.close();
});
