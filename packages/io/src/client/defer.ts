// SPDX-License-Identifier: Apache-2.0
import { timers } from "../platform.ts";

const waiting: (() => void)[] = [];
let channel: InstanceType<typeof timers.MessageChannel> | undefined;
let way = findWay;

/** Runs a function after what the runtime has to do now, which includes reading from sockets. */
export function defer(run: () => void): void {
  way(run);
}

/** Runs the function in the first way that works here. Some runtimes lack a function; in Next's edge runtime some throw. */
function findWay(run: () => void): void {
  for (const candidate of [viaImmediate, viaMessage]) {
    try {
      candidate(run);
      way = candidate;
      return;
    } catch {
      // The next candidate is tried.
    }
  }
  way = viaTimer;
  viaTimer(run);
}

function viaImmediate(run: () => void): void {
  timers.setImmediate(run);
}

/** Runs the function by a message: browsers delay nested timers by 4 ms, and those of a hidden page by a second. */
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
