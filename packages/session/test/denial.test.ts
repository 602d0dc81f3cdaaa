// SPDX-License-Identifier: Apache-2.0
import { type ServerErrorCode, serverErrorText } from "@natswire/codec";
import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import { parseDenial } from "../src/denial.ts";
import { INBOX, TestSession, tokenOf } from "./test-session.ts";

const payload = latin1("");

describe("parseDenial", () => {
  it("reads every name that serverErrorText quotes", () => {
    const names = string({ unit: "grapheme", minLength: 1 });
    assert(
      property(names, names, (subject, queue) => {
        const of = (code: ServerErrorCode, group?: string): unknown =>
          parseDenial(serverErrorText(code, subject, group));
        expect(of("SUBSCRIBE_PERMISSION", queue)).toMatchObject({ denial: { operation: "subscribe", subject, queue } });
        expect(of("PUBLISH_PERMISSION")).toMatchObject({ denial: { operation: "publish", subject }, isReply: false });
        expect(of("REPLY_PERMISSION")).toMatchObject({ denial: { operation: "publish", subject }, isReply: true });
      }),
    );
  });

  it("reads nothing else", () => {
    for (const text of ["", "Permissions Violation", "Permissions Violation for Publish to a", "Stale Connection"]) {
      expect(parseDenial(text)).toBe(undefined);
    }
  });
});

describe("a subscription that the server denies", () => {
  it("ends at once, and is not sent to the next server", () => {
    const client = TestSession.connected({ servers: ["nats://a", "nats://b"] });
    const [kept, secret, group] = [
      client.session.subscribe("secret", { queue: "q" }),
      client.session.subscribe("secret"),
      client.session.subscribe("other", { queue: "q" }),
    ];
    client.receive(`-ERR 'Permissions Violation for Subscription to "secret"'\r\n`);
    const denial = { operation: "subscribe", subject: "secret", queue: undefined };
    const detail = 'the server denies subscribing to "secret"';
    const failure = { reason: "PERMISSION", detail, denial };
    expect(client.events).toMatchObject([
      { event: "unsubscribed", of: secret, failure },
      { event: "error", ...failure },
    ]);
    client.receive(`-ERR 'Permissions Violation for Subscription to "other" using queue "q"'\r\n`);
    expect(client.events[2]).toMatchObject({ of: group, failure: { denial: { subject: "other", queue: "q" } } });
    client.lost();
    client.sent();
    client.connect();
    expect(client.sent()).toBe(`SUB secret q ${kept}\r\n`);
  });

  it("ends once for each error if several have the same subject", () => {
    const client = TestSession.connected();
    const both = [client.session.subscribe("a"), client.session.subscribe("a")];
    client.receive(`-ERR 'Permissions Violation for Subscription to "a"'\r\n`.repeat(3));
    expect(client.events.flatMap((event) => (event.event === "unsubscribed" ? [event.of] : []))).toEqual(both);
  });

  it("is the one with the sid if its permission is taken away", () => {
    const client = TestSession.connected();
    client.session.subscribe("a");
    const of = client.session.subscribe("a");
    client.receive(`-ERR 'Permissions Violation for Subscription to "a" (sid "${of}")'\r\n`);
    expect(client.events[0]).toMatchObject({ event: "unsubscribed", of });
  });

  it("is the newest one if there are too many", () => {
    const client = TestSession.connected();
    client.session.subscribe("a");
    const of = client.session.subscribe("b");
    client.receive("-ERR 'maximum subscriptions exceeded'\r\n");
    const detail = 'the server refuses the subscription to "b": maximum subscriptions exceeded';
    expect(client.events[0]).toMatchObject({ event: "unsubscribed", of, failure: { reason: "REFUSED", detail } });
  });
});

describe("a request that the server denies", () => {
  it("fails at once: its own subject, or its reply subject", () => {
    const client = TestSession.connected();
    const ask = (subject: string, reply?: string): number =>
      client.session.request(subject, { payload }, { timeout: 100, reply }, 0);
    const [one, two, three] = [ask("a"), ask("b"), ask("c", "mine")];
    client.receive(`-ERR 'Permissions Violation for Publish to "b"'\r\n`);
    client.receive(`-ERR 'Permissions Violation for Publish with Reply of "mine"'\r\n`);
    const failed = client.events.filter(({ event }) => event === "failed");
    expect(failed).toMatchObject([
      { ticket: two, reason: "PERMISSION", detail: 'the server denies publishing to "b"' },
      { ticket: three, reason: "PERMISSION", denial: { operation: "publish", subject: "mine" } },
    ]);
    client.receive(`MSG ${INBOX}.${tokenOf(one)} 1 0\r\n\r\n`);
    expect(client.events.at(-1)).toMatchObject({ event: "reply", ticket: one });
  });

  it("does not fail with the error of another message on its subject", () => {
    const client = TestSession.connected();
    const ticket = client.session.request("a", { payload }, { timeout: 100 }, 0);
    client.session.publish("a", { payload, headers: latin1("no headers\r\n\r\n") });
    client.receive(`-ERR 'Permissions Violation for Publish to "a", malformed header block'\r\n`);
    // The server has accepted the request. Then the permission is taken away.
    client.session.flush(0);
    client.receive("PONG\r\n");
    client.session.publish("a", { payload });
    client.receive(`-ERR 'Permissions Violation for Publish to "a"'\r\n-ERR 'Invalid Subject'\r\n`);
    expect(client.events.filter(({ event }) => event === "failed")).toEqual([]);
    client.receive(`MSG ${INBOX}.${tokenOf(ticket)} 1 0\r\n\r\n`);
    expect(client.events.at(-1)).toMatchObject({ event: "reply", ticket });
  });

  it.each([{ verbose: true }, { verbose: false }])(
    "fails after a message that the server has accepted (%o)",
    (config) => {
      const client = TestSession.connected(config);
      client.session.publish("a", { payload });
      client.session.flush(0);
      client.receive(config.verbose ? "+OK\r\n+OK\r\nPONG\r\n" : "PONG\r\n");
      const ticket = client.session.request("a", { payload }, { timeout: 100 }, 0);
      client.receive(`${config.verbose ? "+OK\r\n" : ""}-ERR 'Permissions Violation for Publish to "a"'\r\n`);
      expect(client.events.filter(({ event }) => event === "failed")).toMatchObject([{ ticket, reason: "PERMISSION" }]);
    },
  );

  it("fails in the order in which the server read the requests", () => {
    const client = TestSession.connected({ verbose: true });
    const ask = (): number => client.session.request("a", { payload: latin1("") }, { timeout: 1000 }, 0);
    const other = client.session.request("b", { payload: latin1("") }, { timeout: 1000 }, 0);
    const first = ask();
    client.session.cancel(other);
    // It has the slot of the cancelled one, before that of the first.
    const second = ask();
    const failed = (): unknown[] =>
      client.events.flatMap((one) => (one.event === "failed" ? [[one.ticket, one.reason]] : []));
    client.receive("+OK\r\n+OK\r\n-ERR 'Permissions Violation for Publish to \"a\"'\r\n");
    expect(failed()).toEqual([[first, "PERMISSION"]]);
    client.receive("-ERR 'Permissions Violation for Publish to \"a\"'\r\n");
    expect(failed()).toContainEqual([second, "PERMISSION"]);
  });

  it("fails if an earlier request was given up before the connection", () => {
    const client = new TestSession();
    const ask = (): number => client.session.request("a", { payload: latin1("") }, { timeout: 1000 }, 0);
    const kept = ask();
    client.session.cancel(ask());
    client.connect();
    client.receive("-ERR 'Permissions Violation for Publish to \"a\"'\r\n");
    expect(client.events).toContainEqual(
      expect.objectContaining({ event: "failed", ticket: kept, reason: "PERMISSION" }),
    );
  });

  it("fails if its inbox is denied; the next one subscribes to it again", () => {
    const client = TestSession.connected();
    const ask = (more = {}): number => client.session.request("a", { payload }, { timeout: 100, ...more }, 0);
    const [one, two, own] = [ask(), ask(), ask({ noMux: true })];
    client.sent();
    client.receive(`-ERR 'Permissions Violation for Subscription to "${INBOX}.*"'\r\n`);
    const failed = (): number[] => client.events.flatMap((event) => (event.event === "failed" ? [event.ticket] : []));
    expect(failed()).toEqual([one, two]);
    client.receive(`-ERR 'Permissions Violation for Subscription to "${INBOX}.own.${tokenOf(own)}"'\r\n`);
    expect(failed()).toEqual([one, two, own]);
    client.sent();
    const later = ask();
    expect(client.sent()).toContain(`SUB ${INBOX}.* 3\r\n`);
    client.receive(`MSG ${INBOX}.${tokenOf(later)} 3 0\r\n\r\n`);
    expect(client.events.at(-1)).toMatchObject({ event: "reply", ticket: later });
  });
});
