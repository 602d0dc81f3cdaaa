// SPDX-License-Identifier: Apache-2.0
import { array, assert, boolean, constant, constantFrom, integer, nat, oneof, property, record } from "fast-check";
import { expect, it } from "vitest";
import { latin1 as bytes } from "../../../tools/testkit/latin1.ts";
import type { Action, Event } from "../src/index.ts";
import { SessionHarness } from "./session-harness.ts";

const runs = 1000 * Math.max(0.01, Number(process.env["NATSWIRE_RUNS"] ?? 1));
const inbox = `_INBOX.${"0".repeat(16)}`;

/** What a server may say to a session that has the subscriptions 1 to 3, the last of which is the inbox. */
const words = oneof(
  record({ sid: integer({ min: 1, max: 4 }), size: nat(20) }).map(
    ({ sid, size }) => `MSG foo.bar ${sid} ${size}\r\n${"x".repeat(size)}\r\n`,
  ),
  nat(6).map((ticket) => `MSG ${inbox}.${ticket} 3 2\r\nok\r\n`),
  nat(6).map((ticket) => `HMSG ${inbox}.${ticket} 3 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`),
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

/** A session with some of everything under way. */
function busy(): SessionHarness {
  const talk = SessionHarness.connected({ servers: ["nats://a", "nats://b"], maxReconnectAttempts: 3 });
  talk.session.subscribe("foo.*", { maxMessages: 3 });
  talk.session.subscribe("foo.bar", { max: 4, maxMessages: 2, overflow: "pause" });
  for (let i = 0; i < 4; i++) talk.session.request("a", { payload: bytes("x") }, { timeout: 100 + i }, 0);
  talk.session.flush(0);
  talk.sent();
  return talk;
}

/** Everything that came of it, payloads as they were when they were told. */
function outcome(talk: SessionHarness): { told: (Action | Event)[]; said: string; stats: object } {
  talk.settle();
  const told = JSON.parse(JSON.stringify([...talk.actions, ...talk.events])) as (Action | Event)[];
  return { told, said: talk.sent(), stats: talk.session.stats };
}

it("however its input is cut, a session does and tells the same", () => {
  assert(
    property(array(words, { maxLength: 12 }), array(integer({ min: 1, max: 30 }), { minLength: 1 }), (said, cuts) => {
      const [whole, cut] = [busy(), busy()];
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
      expect(a).toEqual(isOver ? { ...b, said: a.said } : b);
    }),
    { numRuns: runs },
  );
});

const step = oneof(
  words.map(
    (text) =>
      (talk: SessionHarness): void =>
        talk.receive(text),
  ),
  constant((talk: SessionHarness): void => talk.lost()),
  constant((talk: SessionHarness): void => void talk.connect()),
  integer({ min: 1, max: 200_000 }).map(
    (time) =>
      (talk: SessionHarness): void =>
        talk.advance(time),
  ),
  record({ subject: constantFrom("a", "b.c"), size: nat(40) }).map(
    ({ subject, size }) =>
      (talk: SessionHarness): void => {
        talk.session.publish(subject, { payload: bytes("y".repeat(size)) });
      },
  ),
  record({ subject: constantFrom("foo.*", ">"), max: constantFrom(undefined, 1, 3) }).map(
    ({ subject, max }) =>
      (talk: SessionHarness): void =>
        void talk.session.subscribe(subject, { max }),
  ),
  integer({ min: 1, max: 6 }).map(
    (sid) =>
      (talk: SessionHarness): void =>
        talk.session.unsubscribe(sid),
  ),
  integer({ min: 1, max: 6 }).map(
    (sid) =>
      (talk: SessionHarness): void =>
        talk.session.consumed(sid, 1, 20),
  ),
  constant(
    (talk: SessionHarness): void => void talk.session.request("a", { payload: bytes("") }, { timeout: 50 }, talk.now),
  ),
  constant((talk: SessionHarness): void => void talk.session.flush(talk.now)),
  constant((talk: SessionHarness): void => void talk.session.drain(talk.now)),
  constant((talk: SessionHarness): void => talk.session.reconnect(talk.now)),
);

it("whatever happens, the counts add up, every question is answered in the end, and closed is the last event", () => {
  assert(
    property(array(step, { maxLength: 40 }), boolean(), (steps, whole) => {
      const talk = whole ? busy() : new SessionHarness({ maxReconnectAttempts: 3, maxPending: 200 });
      const asked = whole ? new Set([1, 2, 3, 4, 5]) : new Set<number>();
      for (const one of steps) {
        try {
          one(talk);
        } catch (error) {
          expect(error).toMatchObject({ code: "CLOSED" });
        }
        talk.settle();
        const { published, confirmed, inFlight, buffered, unknown, dropped } = talk.session.stats;
        expect(confirmed + inFlight + buffered + unknown + dropped).toBe(published);
        expect(Math.min(confirmed, inFlight, buffered, unknown, dropped)).toBeGreaterThanOrEqual(0);
      }
      talk.session.close(talk.now);
      talk.settle();
      const answered = talk.events
        .filter((event) => "ticket" in event)
        .map((event) => ("ticket" in event ? event.ticket : 0));
      expect(new Set(answered).size).toBe(answered.length);
      for (const ticket of asked) expect(answered).toContain(ticket);
      expect(talk.events.filter((event) => event.event === "closed").length).toBe(1);
      const afterwards = talk.events.slice(talk.events.findIndex((event) => event.event === "closed") + 1);
      // A flush of a closed session is answered, that it is closed.
      expect(afterwards.every((event) => event.event === "failed" || event.event === "drained")).toBe(true);
      expect(talk.session.deadline).toBe(undefined);
    }),
    { numRuns: runs },
  );
});
