// SPDX-License-Identifier: Apache-2.0
// One client in a process of its own, which takes part in the rounds of a race: player.js CLIENT URL WORK SIZE SUBJECT. It says
// `ready`; of each number it then reads it handles so many messages, and says what that took of the processor.
import { createInterface } from "node:readline";
import { WAYS, type Work } from "./loads.ts";
import { natswire } from "./natswire.ts";
import { official } from "./official.ts";
import { raw } from "./raw.ts";

/** A client that is connected. */
export interface Player {
  /** Publishes so many, and waits until the server has them. */
  publish(payload: Uint8Array, messages: number): Promise<void>;
  /** From then on `heard` is called with the size of each message that comes. */
  subscribe(work: "callback" | "iterator", heard: Heard): Promise<void>;
  /** Asks so often, so many at once; returns the bytes of all answers. */
  request(payload: Uint8Array, messages: number, ways: number): Promise<number>;
}

/** @param messages more than one where they are not looked at one by one */
export type Heard = (bytes: number, messages?: number) => void;

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
  let wanted = Number.POSITIVE_INFINITY;
  let came = 0;
  let bytes = 0;
  let done = (): void => {};
  await player.subscribe(work, (size, messages = 1) => {
    bytes += size;
    came += messages;
    if (came >= wanted) done();
  });
  return async (messages) => {
    wanted = messages;
    if (came < wanted) await new Promise<void>((resolve) => (done = resolve));
    check(bytes, came);
    if (came !== wanted) throw new Error(`${came} messages came of ${wanted}`);
    came = bytes = 0;
    wanted = Number.POSITIVE_INFINITY;
  };
}

function check(bytes: number, messages: number): void {
  if (bytes !== messages * payload.length) throw new Error(`${bytes} bytes came in ${messages} messages`);
}
