// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { type Input, type Phase, phases } from "../src/phases.ts";
import { TestSession } from "./test-session.ts";

const opened = (config: object = {}, ...texts: string[]): TestSession => {
  const client = new TestSession({ timeout: 300, ...config });
  client.session.opened(0);
  for (const text of texts) client.receive(text);
  return client;
};

/** A session in each phase. */
const sessions: Readonly<Record<Phase, () => TestSession>> = {
  waiting: () => {
    const client = TestSession.connected({ random: (into) => into.fill(255) });
    client.lost();
    client.lost();
    return client;
  },
  resolving: () => new TestSession({ timeout: 300, canResolve: true, servers: ["nats://a"] }),
  dialing: () => new TestSession({ timeout: 300 }),
  greeting: () => opened(),
  securing: () => opened({}, 'INFO {"tls_required":true}\r\n'),
  signing: () => opened({ hasCredentials: true }, "INFO {}\r\n"),
  connecting: () => opened({}, "INFO {}\r\n"),
  ready: () => TestSession.connected(),
  closed: () => {
    const client = TestSession.connected();
    client.session.close(0);
    return client;
  },
};

const inputs: Readonly<Record<Exclude<Input, "received">, (client: TestSession) => void>> = {
  resolved: ({ session }) => session.resolved(["10.0.0.1"], 0),
  opened: ({ session }) => session.opened(0),
  secured: ({ session }) => session.secured(0),
  signed: ({ session }) => session.signed({ user: "ann" }, 0),
  info: (client) => client.receive('INFO {"ldm":true}\r\n'),
  err: (client) => client.receive("-ERR 'Something New'\r\n"),
  ping: (client) => client.receive("PING\r\n"),
  pong: (client) => client.receive("PONG\r\n"),
  ok: (client) => client.receive("+OK\r\n"),
  msg: (client) => client.receive("MSG a 1 0\r\n\r\n"),
};
const calls: readonly string[] = ["resolved", "opened", "secured", "signed"];

const all = Object.keys(phases) as Phase[];
const cases = all.flatMap((phase) =>
  (Object.keys(inputs) as (keyof typeof inputs)[]).map((input) => [phase, input] as const),
);

describe("the table of phases", () => {
  it.each(cases)("says what a session that is %s does with %s", (phase, input) => {
    const rules = phases[phase];
    // A frame is only read in a phase that handles bytes.
    const rule = calls.includes(input) || rules.received === "handle" ? rules[input] : rules.received;
    const client = sessions[phase]();
    client.take();
    client.sent();
    const { deadline, info } = client.session;
    inputs[input](client);
    client.settle();
    const isClosed = client.actions.some((action) => action.do === "close");
    expect(isClosed).toBe(rule === "reject");
    if (rule === "reject")
      expect(client.events.at(-1)).toMatchObject({ reason: phase === "securing" ? "TLS" : "PROTOCOL" });
    if (rule !== undefined) return;
    expect([client.sent(), client.take(), client.session.deadline, client.session.info]).toEqual([
      "",
      [],
      deadline,
      info,
    ]);
  });

  it.each<[Phase, string | undefined]>([
    ["waiting", undefined],
    ["dialing", "REFUSED"],
    ["greeting", "LOST"],
    ["securing", "TLS"],
    ["signing", "LOST"],
    ["connecting", "LOST"],
    ["ready", "LOST"],
    ["closed", undefined],
  ])("says why a connection that is %s is lost", (phase, reason) => {
    const client = sessions[phase]();
    client.take();
    client.lost();
    const reasons = client.events.flatMap((event) => ("reason" in event ? [event.reason] : []));
    expect(new Set(reasons)).toEqual(new Set(reason === undefined ? [] : [reason]));
  });

  it.each<[Phase, string]>([
    ["dialing", "connection"],
    ["greeting", "INFO"],
    ["securing", "TLS handshake"],
    ["signing", "credentials"],
    ["connecting", "PONG"],
  ])("says what did not come in time while %s", (phase, awaited) => {
    const client = sessions[phase]();
    client.pass(300);
    const detail = `127.0.0.1:4222: no ${awaited} within 300 ms`;
    expect(client.events).toEqual([{ event: "closed", reason: "TIMEOUT", detail }]);
  });
});
