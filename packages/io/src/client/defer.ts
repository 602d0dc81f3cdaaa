// SPDX-License-Identifier: Apache-2.0
import { host } from "../platform.ts";

const waiting: (() => void)[] = [];
let channel: InstanceType<NonNullable<typeof host.MessageChannel>> | undefined;

/** Runs behind what the runtime has to do at the moment, reading from sockets included. */
export function defer(run: () => void): void {
  if (host.setImmediate !== undefined) host.setImmediate(run);
  else if (host.MessageChannel !== undefined) posted(run, host.MessageChannel);
  else host.setTimeout(run, 0);
}

/** Browsers let timers of a page nobody looks at wait for a second, and those that timers began for 4 ms. */
function posted(run: () => void, Channel: NonNullable<typeof host.MessageChannel>): void {
  if (channel === undefined) {
    channel = new Channel();
    channel.port1.onmessage = () => waiting.shift()?.();
  }
  waiting.push(run);
  channel.port2.postMessage(undefined);
}
