// SPDX-License-Identifier: Apache-2.0
// Runs one client of a race in its own process: player.js CLIENT URL WORK SIZE SUBJECT. Prints `ready`. Then each input
// line is a number of messages to handle, and each output line is the CPU time in nanoseconds.
import { createInterface } from "node:readline";
import { connections, throughModules } from "./jetstream.ts";
import { type CoreWork, isJetStream, WAYS, type Work } from "./loads.ts";
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

/** Handles a number of messages. @throws Error if it lost one */
type Round = (messages: number) => Promise<void>;

const players = { natswire, official, raw } as const satisfies Readonly<
  Record<string, (url: string, subject: string, size: number, work: CoreWork) => Promise<Player>>
>;

const [name = "", url = "", work = "", size = "", subject = ""] = process.argv.slice(2);
const payload = new Uint8Array(Number(size)).fill(0x78);
const round = await rounds(name as keyof typeof players, work as Work);
console.log("ready");
for await (const line of createInterface(process.stdin)) {
  const before = process.cpuUsage();
  await round(Number(line));
  const { user, system } = process.cpuUsage(before);
  console.log(1000 * (user + system));
}
process.exit();

async function rounds(name: keyof typeof players, work: Work): Promise<Round> {
  if (isJetStream(work)) return await throughModules(await connections[name]!(url), work, subject, payload);
  const player = await players[name](url, subject, payload.length, work);
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
      return subscribed(player, work);
  }
}

async function subscribed(player: Player, work: "callback" | "iterator"): Promise<Round> {
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
