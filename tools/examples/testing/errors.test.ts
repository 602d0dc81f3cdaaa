// SPDX-License-Identifier: Apache-2.0
import {
  connect,
  type Status,
  serve,
  tokenAuthenticator,
  userAuthorizer,
} from "@natswire/node";
import { expect, onTestFinished } from "vitest";
import { it } from "./own-server.ts";

it("reports what the server's rules deny", async () => {
  const permissions = { publish: { deny: ["orders.secret"] } };
  const server = await serve({
    authorize: userAuthorizer([{ user: "ann", password: "s3cret", permissions }]),
  });
  onTestFinished(() => server.close());
  await expect(
    connect({ servers: server.url, user: "ann", pass: "wrong" }),
  ).rejects.toMatchObject({ code: "AUTH" });

  const client = await connect({ servers: server.url, user: "ann", pass: "s3cret" });
  onTestFinished(() => client.close());
  const statuses: Status[] = [];
  client.onStatus((status) => statuses.push(status));
  client.publish("orders.secret");
  await client.flush();
  expect(statuses).toMatchObject([{ type: "error", error: { code: "PERMISSION" } }]);
});

it("reports an error that the test sends", async ({ server, client }) => {
  const statuses: Status[] = [];
  client.onStatus((status) => statuses.push(status));
  server.connections[0].error('Permissions Violation for Publish to "orders.new"');
  await client.flush();
  expect(statuses).toMatchObject([{ type: "error", error: { code: "PERMISSION" } }]);
  expect(server.connections.length).toBe(1); // the connection stays, as on a real server
});

it("reconnects with new credentials when the old ones expire", async () => {
  let validToken = "monday";
  const server = await serve({
    record: true,
    authorize: ({ auth_token }) => (auth_token === validToken ? {} : undefined),
  });
  onTestFinished(() => server.close());
  const client = await connect({
    servers: server.url,
    authenticator: tokenAuthenticator(() => validToken),
  });
  onTestFinished(() => client.close());

  validToken = "tuesday";
  server.connections[0].error("User Authentication Expired"); // closes the connection
  await server.transcript.expect({ op: "closed" });
  await server.transcript.expect({ op: "connect", options: { auth_token: "tuesday" } });
  await server.transcript.expect({ op: "pong" });
});

it("gives up when it is rejected twice", async () => {
  let isAllowed = true;
  const server = await serve({ authorize: () => (isAllowed ? {} : undefined) });
  onTestFinished(() => server.close());
  const client = await connect({ servers: server.url, reconnectTimeWait: 10 });
  onTestFinished(() => client.close());
  isAllowed = false;
  server.connections[0].kill();
  expect(await client.closed).toMatchObject({ code: "AUTH" });
});
