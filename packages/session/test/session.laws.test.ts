// SPDX-License-Identifier: Apache-2.0
import { array, assert, boolean, constant, constantFrom, integer, nat, oneof, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { latin1 } from "../../../tools/testkit/latin1.ts";
import type { Action, ConnectionStats, Event } from "../src/index.ts";
import { INBOX, TestSession, tokenOf } from "./test-session.ts";

describe("a session", () => {
  const runs = 1000 * Math.max(0.01, Number(process.env["NATSWIRE_RUNS"] ?? 1));

  /** What a server may say to a session that has the subscriptions 1 to 3, the last of which is the inbox. */
  const words = oneof(
    record({ sid: integer({ min: 1, max: 4 }), size: nat(20) }).map(
      ({ sid, size }) => `MSG foo.bar ${sid} ${size}\r\n${"x".repeat(size)}\r\n`,
    ),
    nat(6).map((slot) => `MSG ${INBOX}.${tokenOf(slot)} 3 2\r\nok\r\n`),
    nat(6).map((slot) => `HMSG ${INBOX}.${tokenOf(slot)} 3 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`),
    constantFrom(
      "PING\r\n",
      "PONG\r\n",
      "+OK\r\n",
      "-ERR 'Permissions Violation for Publish to \"a\"'\r\n",
      "-ERR 'Stale Connection'\r\n",
      "-ERR 'Authorization Violation'\r\n",
      'INFO {"connect_urls":["10.0.0.1:4222"]}\r\n',
      'INFO {"ldm":true}\r\n',
      "OOPS\r\n",
    ),
  );

  /** A session with some of everything under way, and the tickets of its operations. */
  function busy(): { readonly client: TestSession; readonly tickets: readonly number[] } {
    const client = TestSession.connected({ servers: ["nats://a", "nats://b"], maxReconnectAttempts: 3 });
    client.session.subscribe("foo.*", { maxMessages: 3 });
    client.session.subscribe("foo.bar", { max: 4, maxMessages: 2, overflow: "pause" });
    const payload = latin1("x");
    const requests = [0, 1, 2, 3].map((i) => client.session.request("a", { payload }, { timeout: 100 + i }, 0));
    const tickets = [...requests, client.session.flush(0)];
    client.sent();
    return { client, tickets };
  }

  /** Returns all outputs, with each payload as it was when the output was taken. */
  function outcome(client: TestSession): { told: (Action | Event)[]; said: string; stats: ConnectionStats } {
    client.settle();
    const told = JSON.parse(JSON.stringify([...client.actions, ...client.events])) as (Action | Event)[];
    return { told, said: client.sent(), stats: client.session.stats };
  }

  it("has the same outputs for every chunking of its input", () => {
    assert(
      property(array(words, { maxLength: 12 }), array(integer({ min: 1, max: 30 }), { minLength: 1 }), (said, cuts) => {
        const [whole, cut] = [busy().client, busy().client];
        const text = said.join("");
        whole.receive(text);
        for (let at = 0, i = 0; at < text.length; i++) {
          const size = cuts[i % cuts.length] ?? 1;
          cut.receive(text.slice(at, at + size));
          at += size;
        }
        const [a, b] = [outcome(cut), outcome(whole)];
        // What was to be written to a connection that ended may have been written, or not.
        const isOver = a.told.some((one) => "event" in one && (one.event === "disconnected" || one.event === "closed"));
        expect(a).toEqual(isOver ? { ...b, said: a.said, stats: { ...b.stats, bytesSent: a.stats.bytesSent } } : b);
      }),
      { numRuns: runs },
    );
  });

  const step = oneof(
    words.map(
      (text) =>
        (client: TestSession): void =>
          client.receive(text),
    ),
    constant((client: TestSession): void => client.lost()),
    constant((client: TestSession): void => void client.connect()),
    integer({ min: 1, max: 200_000 }).map(
      (time) =>
        (client: TestSession): void =>
          client.pass(time),
    ),
    record({ subject: constantFrom("a", "b.c"), size: nat(40) }).map(
      ({ subject, size }) =>
        (client: TestSession): void => {
          client.session.publish(subject, { payload: latin1("y".repeat(size)) });
        },
    ),
    record({ subject: constantFrom("foo.*", ">"), max: constantFrom(undefined, 1, 3) }).map(
      ({ subject, max }) =>
        (client: TestSession): void =>
          void client.session.subscribe(subject, { max }),
    ),
    integer({ min: 1, max: 6 }).map(
      (sid) =>
        (client: TestSession): void =>
          client.session.unsubscribe(sid),
    ),
    integer({ min: 1, max: 6 }).map(
      (sid) =>
        (client: TestSession): void =>
          client.session.consumed(sid, 1, 20),
    ),
    constant(
      (client: TestSession): void =>
        void client.session.request("a", { payload: latin1("") }, { timeout: 50 }, client.now),
    ),
    constant((client: TestSession): void => void client.session.flush(client.now)),
    constant((client: TestSession): void => void client.session.drain(client.now)),
    constant((client: TestSession): void => client.session.reconnect(client.now)),
  );

  it("keeps its counts, ends every operation, and closes last", () => {
    assert(
      property(array(step, { maxLength: 40 }), boolean(), (steps, whole) => {
        const { client, tickets } = whole
          ? busy()
          : { client: new TestSession({ maxReconnectAttempts: 3, maxPending: 200 }), tickets: [] };
        for (const one of steps) {
          try {
            one(client);
          } catch (error) {
            expect(error).toMatchObject({ code: "CLOSED" });
          }
          client.settle();
          const { published, confirmed, inFlight, buffered, unknown, dropped, ...others } = client.session.stats;
          expect(others).toMatchObject({ bytesSent: client.written, bytesReceived: client.read });
          expect(confirmed + inFlight + buffered + unknown + dropped).toBe(published);
          expect(Math.min(confirmed, inFlight, buffered, unknown, dropped)).toBeGreaterThanOrEqual(0);
        }
        client.session.close(client.now);
        client.settle();
        const answered = client.events
          .filter((event) => "ticket" in event)
          .map((event) => ("ticket" in event ? event.ticket : 0));
        expect(new Set(answered).size).toBe(answered.length);
        for (const ticket of tickets) expect(answered).toContain(ticket);
        expect(client.events.filter((event) => event.event === "closed").length).toBe(1);
        const afterwards = client.events.slice(client.events.findIndex((event) => event.event === "closed") + 1);
        // A flush of a closed session is answered, that it is closed.
        expect(afterwards.every((event) => event.event === "failed" || event.event === "drained")).toBe(true);
        expect(client.session.deadline).toBe(undefined);
      }),
      { numRuns: runs },
    );
  });
});
