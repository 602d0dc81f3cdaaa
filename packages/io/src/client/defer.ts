// SPDX-License-Identifier: Apache-2.0
import { timers } from "../platform.ts";

const waiting: (() => void)[] = [];
let channel: InstanceType<typeof timers.MessageChannel> | undefined;
let way = findWay;

/** Runs a function after what the runtime has to do now, which includes reading from sockets. */
export function defer(run: () => void): void {
  way(run);
}

/** Runs the function in the best way that works here. Some runtimes lack functions; Next's edge runtime has some that throw. */
function findWay(run: () => void): void {
  for (const candidate of [viaImmediate, viaMessage]) {
    try {
      candidate(run);
      way = candidate;
      return;
    } catch {
      // The next one.
    }
  }
  way = viaTimer;
  viaTimer(run);
}

function viaImmediate(run: () => void): void {
  timers.setImmediate(run);
}

/** Browsers delay nested timers by 4 ms, and timers of a hidden page by a second; messages are not delayed. */
function viaMessage(run: () => void): void {
  channel ??= openChannel();
  channel.port2.postMessage(undefined);
  waiting.push(run);
  channel.port1.ref?.();
}

function openChannel(): NonNullable<typeof channel> {
  const opened = new timers.MessageChannel();
  opened.port1.onmessage = () => {
    const run = waiting.shift();
    if (waiting.length === 0) opened.port1.unref?.();
    run?.();
  };
  return opened;
}

function viaTimer(run: () => void): void {
  timers.setTimeout(run, 0);
}
