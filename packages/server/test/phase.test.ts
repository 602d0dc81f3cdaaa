// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { nextPhase, type Phase, type PhaseEvent } from "../src/phase.ts";
import { ServerHarness } from "./server-harness.ts";

const phases: Phase[] = ["unauthenticated", "open", "authorizing", "connected", "ready", "closing"];
const events: PhaseEvent[] = ["connect", "accept", "pong", "close"];

describe("the phases of a connection", () => {
  it("change by these events only", () => {
    const changes = phases.flatMap((phase) =>
      events.flatMap((event) => {
        const next = nextPhase(phase, event);
        return next === undefined ? [] : [`${phase} + ${event} = ${next}`];
      }),
    );
    expect(changes).toEqual([
      "unauthenticated + connect = authorizing",
      "unauthenticated + close = closing",
      "open + connect = authorizing",
      "open + close = closing",
      "authorizing + accept = connected",
      "authorizing + close = closing",
      "connected + pong = ready",
      "connected + close = closing",
      "ready + close = closing",
    ]);
  });
});

describe("a closing connection", () => {
  it("still counts as connected if its CONNECT was accepted", () => {
    const server = new ServerHarness();
    const [accepted, other] = [server.connect(), server.open()];
    for (const peer of [accepted, other]) server.core.drop(peer, "test", 0);
    expect([accepted, other].map((peer) => server.core.connection(peer)?.connected)).toEqual([true, false]);
  });

  it("still counts as unauthorized until it is lost", () => {
    const server = new ServerHarness({ authRequired: true, maxUnauthorized: 1 });
    const first = server.open();
    server.core.drop(first, "test", 0);
    expect(server.closeReason(server.open())).toBe("refused");
  });

  it("reads nothing more of a chunk", () => {
    const server = new ServerHarness();
    const [closing, other] = [server.connect(), server.connect()];
    server.send(other, "SUB a 1\r\n");
    server.send(closing, "CONNECT {}\r\nPUB a 0\r\n\r\n");
    expect(server.read(other)).toBe("");
    expect(server.core.connection(closing)?.published).toBe(0);
  });
});
