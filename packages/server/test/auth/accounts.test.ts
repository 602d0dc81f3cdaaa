// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Accounts, GLOBAL_ACCOUNT } from "../../src/auth/accounts.ts";
import { ServerHarness } from "../server-harness.ts";

/** Opens a connection and grants it an account. */
function join(server: ServerHarness, account?: string): number {
  const peer = server.open();
  server.send(peer, 'CONNECT {"verbose":false,"protocol":1}\r\n');
  server.core.authorized(peer, account === undefined ? {} : { account }, 0);
  return peer;
}

describe("an account", () => {
  it("delivers within the account only, queue groups included", () => {
    const server = new ServerHarness({ authRequired: true });
    const [red, alsoRed, blue, nobody] = [join(server, "red"), join(server, "red"), join(server, "blue"), join(server)];
    for (const peer of [red, alsoRed, blue, nobody]) server.send(peer, "SUB foo 1\r\nSUB foo q 2\r\n");
    server.send(red, "PUB foo 2\r\nhi\r\n");
    expect(server.read(red)).toBe("MSG foo 1 2\r\nhi\r\nMSG foo 2 2\r\nhi\r\n");
    expect(server.read(alsoRed)).toBe("MSG foo 1 2\r\nhi\r\n");
    expect([server.read(blue), server.read(nobody)]).toEqual(["", ""]);
    expect(server.core.stats.subscriptions).toBe(8);
  });

  it("is the global one for the host program and for clients without one", () => {
    const server = new ServerHarness({ authRequired: true });
    const [red, nobody] = [join(server, "red"), join(server)];
    for (const peer of [red, nobody]) server.send(peer, "SUB foo 1\r\n");
    expect(server.core.publish({ subject: "foo", payload: new Uint8Array(0) })).toBe(1);
    expect([server.read(red), server.read(nobody)]).toEqual(["", "MSG foo 1 0\r\n\r\n"]);
  });

  it("is named in the INFO after the first PONG", () => {
    const server = new ServerHarness({ authRequired: true });
    expect(server.exchange(join(server, "red"), "PING\r\n")).toContain('"remote_account":"red"');
    expect(server.exchange(join(server), "PING\r\n")).toContain('"remote_account":"$G"');
  });

  it("denies the client if it is not a string", () => {
    const server = new ServerHarness({ authRequired: true });
    for (const account of [7, null]) {
      const peer = join(server, account as never);
      expect(server.read(peer)).toBe("-ERR 'Authorization Violation'\r\n");
      expect(server.closeDetail(peer)).toBe(`invalid grant: account must be a string, not ${account}`);
    }
  });

  it("loses the subscriptions of a client that disconnects", () => {
    const server = new ServerHarness({ authRequired: true });
    const [red, alsoRed] = [join(server, "red"), join(server, "red")];
    server.send(red, "SUB foo 1\r\n");
    server.core.lost(red, 0);
    expect(server.core.stats).toMatchObject({ connections: 1, subscriptions: 0 });
    server.send(alsoRed, "PUB foo 0\r\n\r\n");
    expect(server.core.stats.delivered).toBe(0);
  });

  it("is released with its last client, and made again for the next", () => {
    const accounts = new Accounts();
    const red = accounts.enter("red");
    expect(accounts.enter("red")).toBe(red);
    accounts.leave("red");
    expect(accounts.enter("red")).toBe(red);
    for (let i = 0; i < 2; i++) accounts.leave("red");
    expect(accounts.enter("red")).not.toBe(red);
    for (let i = 0; i < 3; i++) accounts.leave(GLOBAL_ACCOUNT);
    expect(accounts.enter(GLOBAL_ACCOUNT)).toBe(accounts.global);
    const server = new ServerHarness({ authRequired: true });
    server.core.lost(join(server, "red"), 0);
    const [first, second] = [join(server, "red"), join(server, "red")];
    server.send(first, "SUB foo 1\r\n");
    server.send(second, "PUB foo 0\r\n\r\n");
    expect(server.read(first)).toBe("MSG foo 1 0\r\n\r\n");
  });
});
