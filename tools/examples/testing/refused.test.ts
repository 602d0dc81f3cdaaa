// SPDX-License-Identifier: Apache-2.0
import { connect, tokenAuthenticator } from "@nats-io/transport-node";
import { serve, userAuthorizer } from "@natswire/node";
import { expect, onTestFinished } from "vitest";
import { it } from "./own-server.ts";

it("gets a permission error from the server's rules", async () => {
  const permissions = { publish: { deny: ["orders.secret"] } };
  const server = await serve({ authorize: userAuthorizer([{ user: "ann", password: "s3cret", permissions }]) });
  onTestFinished(() => server.close());
  await expect(connect({ servers: server.url, user: "ann", pass: "wrong" })).rejects.toThrow("Authorization Violation");

  const client = await connect({ servers: server.url, user: "ann", pass: "s3cret" });
  onTestFinished(() => client.close());
  const statuses = client.status();
  client.publish("orders.secret");
  for await (const status of statuses) {
    if (status.type !== "error") continue;
    expect(status.error.message).toBe('Permissions Violation for Publish to "orders.secret"');
    break;
  }
});

it("gets a permission error from the test", async ({ server, client }) => {
  const statuses = client.status();
  server.connections[0].error('Permissions Violation for Publish to "orders.new"');
  for await (const { type } of statuses) if (type === "error") break;
  expect(server.connections.length).toBe(1); // the connection stays, as on a real server
});

it("reconnects with new credentials when the old ones expire", async () => {
  let good = "monday";
  const server = await serve({ record: true, authorize: ({ auth_token }) => (auth_token === good ? {} : undefined) });
  onTestFinished(() => server.close());
  const client = await connect({
    servers: server.url,
    reconnectTimeWait: 10,
    authenticator: tokenAuthenticator(() => good),
  });
  onTestFinished(() => client.close());

  good = "tuesday";
  server.connections[0].error("User Authentication Expired"); // closes the connection
  await server.transcript.expect({ op: "closed" });
  await server.transcript.expect({ op: "connect", options: { auth_token: "tuesday" } });
  await server.transcript.expect({ op: "pong" });
});

it("gives up when it is rejected twice", async () => {
  let isWelcome = true;
  const server = await serve({ authorize: () => (isWelcome ? {} : undefined) });
  onTestFinished(() => server.close());
  const client = await connect({ servers: server.url, reconnectTimeWait: 10 });
  onTestFinished(() => client.close());
  isWelcome = false;
  server.connections[0].kill();
  expect(String(await client.closed())).toContain("Authorization Violation");
});
