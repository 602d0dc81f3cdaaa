// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { CoreHarness } from "./core-harness.ts";

/** A client that is let in to an account. */
function join(session: CoreHarness, account?: string): number {
  const peer = session.open();
  session.send(peer, 'CONNECT {"verbose":false,"protocol":1}\r\n');
  session.core.authorized(peer, account === undefined ? {} : { account }, 0);
  return peer;
}

it("what is published in one account is heard there alone, queue groups included", () => {
  const session = new CoreHarness({ authRequired: true });
  const [red, alsoRed, blue, nobody] = [
    join(session, "red"),
    join(session, "red"),
    join(session, "blue"),
    join(session),
  ];
  for (const peer of [red, alsoRed, blue, nobody]) session.send(peer, "SUB foo 1\r\nSUB foo q 2\r\n");
  session.send(red, "PUB foo 2\r\nhi\r\n");
  expect(session.receive(red)).toBe("MSG foo 1 2\r\nhi\r\nMSG foo 2 2\r\nhi\r\n");
  expect(session.receive(alsoRed)).toBe("MSG foo 1 2\r\nhi\r\n");
  expect([session.receive(blue), session.receive(nobody)]).toEqual(["", ""]);
  expect(session.core.stats.subscriptions).toBe(8);
});

it("the program is in the global account, where those are that have no other", () => {
  const session = new CoreHarness({ authRequired: true });
  const [red, nobody] = [join(session, "red"), join(session)];
  for (const peer of [red, nobody]) session.send(peer, "SUB foo 1\r\n");
  expect(session.core.publish({ subject: "foo", payload: new Uint8Array(0) })).toBe(1);
  expect([session.receive(red), session.receive(nobody)]).toEqual(["", "MSG foo 1 0\r\n\r\n"]);
});

it("a client is told its account behind its first PONG", () => {
  const session = new CoreHarness({ authRequired: true });
  expect(session.exchange(join(session, "red"), "PING\r\n")).toContain('"remote_account":"red"');
  expect(session.exchange(join(session), "PING\r\n")).toContain('"remote_account":"$G"');
});

it("an account that is no name lets nobody in", () => {
  const session = new CoreHarness({ authRequired: true });
  expect(session.receive(join(session, 7 as never))).toBe("-ERR 'Authorization Violation'\r\n");
});

it("a client that goes takes its subscriptions out of its account", () => {
  const session = new CoreHarness({ authRequired: true });
  const [red, alsoRed] = [join(session, "red"), join(session, "red")];
  session.send(red, "SUB foo 1\r\n");
  session.core.lost(red, 0);
  expect(session.core.stats).toMatchObject({ connections: 1, subscriptions: 0 });
  session.send(alsoRed, "PUB foo 0\r\n\r\n");
  expect(session.core.stats.delivered).toBe(0);
});
