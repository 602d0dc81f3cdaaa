// SPDX-License-Identifier: Apache-2.0
// Runs one client of a race in its own process: player.js CLIENT URL WORK SIZE SUBJECT. Prints `ready`. Then each input
// line is a number of messages to handle, and each output line is the CPU time in nanoseconds.
import { createInterface } from "node:readline";
import { WAYS, type Work } from "./loads.ts";
import { natswire } from "./natswire.ts";
import { official } from "./official.ts";
import { raw } from "./raw.ts";

/** A connected client. */
export interface Player {
  /** Publishes a number of messages, and waits until the server has received them. */
  publish(payload: Uint8Array, messages: number): Promise<void>;
  /** Subscribes; `onMessage` is called with the size of each message. */
  subscribe(work: "callback" | "iterator", onMessage: OnMessage): Promise<void>;
  /** Sends `messages` requests, `ways` at once; returns the bytes of all replies. */
  request(payload: Uint8Array, messages: number, ways: number): Promise<number>;
}

/** @param messages the number of messages with `bytes` in total; default 1 */
export type OnMessage = (bytes: number, messages?: number) => void;

const players: Readonly<Record<string, (url: string, subject: string, size: number, work: Work) => Promise<Player>>> = {
  natswire,
  official,
  raw,
};

const [name = "", url = "", work = "", size = "", subject = ""] = process.argv.slice(2);
const payload = new Uint8Array(Number(size)).fill(0x78);
const player = await players[name]!(url, subject, payload.length, work as Work);
const round = await rounds(work as Work);
console.log("ready");
for await (const line of createInterface(process.stdin)) {
  const before = process.cpuUsage();
  await round(Number(line));
  const { user, system } = process.cpuUsage(before);
  console.log(1000 * (user + system));
}
process.exit();

async function rounds(work: Work): Promise<(messages: number) => Promise<void>> {
  switch (work) {
    case "publish":
      return (messages) => player.publish(payload, messages);
    case "serial":
    case "many":
      return async (messages) => {
        const bytes = await player.request(payload, messages, work === "many" ? WAYS : 1);
        check(bytes, messages);
      };
    default:
      return subscribed(work);
  }
}

async function subscribed(work: "callback" | "iterator"): Promise<(messages: number) => Promise<void>> {
  let expected = Number.POSITIVE_INFINITY;
  let received = 0;
  let bytes = 0;
  let done = (): void => {};
  await player.subscribe(work, (size, messages = 1) => {
    bytes += size;
    received += messages;
    if (received >= expected) done();
  });
  return async (messages) => {
    expected = messages;
    if (received < expected) await new Promise<void>((resolve) => (done = resolve));
    check(bytes, received);
    if (received !== expected) throw new Error(`received ${received} messages, expected ${expected}`);
    received = bytes = 0;
    expected = Number.POSITIVE_INFINITY;
  };
}

function check(bytes: number, messages: number): void {
  if (bytes !== messages * payload.length)
    throw new Error(`received ${bytes} bytes in ${messages} messages of ${payload.length} bytes`);
}
