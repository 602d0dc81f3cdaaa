// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { ConnectionMonitor } from "../src/tap/connection-monitor.ts";
import { Statistics } from "../src/tap/statistics.ts";

describe("Statistics", () => {
  it("counts each connection once if there are more than 100", () => {
    const statistics = new Statistics();
    const open = Array.from({ length: 150 }, (_, i) => new ConnectionMonitor(i + 1, [statistics]));
    for (const conversation of open) conversation.event(0, "opened");
    for (let round = 0; round < 3; round++) {
      for (const conversation of open) conversation.received(0, "client", Buffer.from("PING\r\n"));
    }
    const report = statistics.report();
    expect(report).toHaveLength(101);
    expect(report[0]).toBe("connection 51: -> 3 frames, 18 bytes (PING 3); <- 0 frames, 0 bytes; 0 errors");
    expect(report.at(-1)).toBe("150 connections: -> 450 frames, 2700 bytes (PING 450); <- 0 frames, 0 bytes; 0 errors");
  });
});
