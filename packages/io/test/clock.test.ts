// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { pipe, serveWith, VirtualClock } from "../src/index.ts";
import { PipeClient } from "./pipe-client.ts";

it("calls timers in order of time, those set meanwhile included", () => {
  const clock = new VirtualClock();
  const rung: [string, number][] = [];
  const ring = (name: string) => (): void => void rung.push([name, clock.now()]);
  clock.after(20, ring("late"));
  clock.after(10, () => {
    ring("early")();
    clock.after(5, ring("set meanwhile"));
  });
  const cancel = clock.after(10, ring("taken back"));
  clock.after(10, ring("second"));
  cancel();
  clock.pass(19);
  expect(rung).toEqual([
    ["early", 10],
    ["second", 10],
    ["set meanwhile", 15],
  ]);
  clock.pass(1);
  expect(rung.at(-1)).toEqual(["late", 20]);
  expect(clock.now()).toBe(20);
});

it("passes two minutes of silence at once", async () => {
  const clock = new VirtualClock();
  const { dial, listen } = pipe();
  const server = await serveWith(listen, { clock });
  const client = new PipeClient(dial, server.port);
  await client.receive();
  clock.pass(119_999);
  expect(await client.receive()).toBe("");
  clock.pass(1);
  expect(await client.receive()).toBe("PING\r\n");
  clock.pass(240_000);
  expect(await client.receive()).toBe("PING\r\n-ERR 'Stale Connection'\r\n");
  expect(client.isClosed).toBe(true);
});

it("lets a server close by the machine's clock", async () => {
  const clock = new VirtualClock();
  const { dial, listen } = pipe();
  const server = await serveWith(listen, { clock });
  const client = new PipeClient(dial, server.port);
  await client.receive();
  client.transport.pause();
  server.connections[0]?.delay(60_000);
  await client.exchange("PING\r\n");
  await server.close(20);
  expect(server.stats.connections).toBe(0);
});

it("begins at a date, which must be a number", () => {
  const clock = new VirtualClock(Date.UTC(2030, 0, 1));
  clock.pass(1000);
  expect(new Date(clock.wall()).toISOString()).toBe("2030-01-01T00:00:01.000Z");
  expect(() => new VirtualClock("now" as never)).toThrow("wall must be milliseconds since 1970");
});

it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, "5"])("lets no time pass that is not a time: %s", (milliseconds) => {
  const clock = new VirtualClock();
  expect(() => clock.pass(milliseconds as number)).toThrow("milliseconds must be a number of 0 or more");
  expect(clock.now()).toBe(0);
});
