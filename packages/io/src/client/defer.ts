// SPDX-License-Identifier: Apache-2.0
import { host } from "../platform.ts";

const waiting: (() => void)[] = [];
let channel: InstanceType<NonNullable<typeof host.MessageChannel>> | undefined;

/** Runs a function after what the runtime has to do now, which includes reading from sockets. */
export function defer(run: () => void): void {
  if (host.setImmediate !== undefined) host.setImmediate(run);
  else if (host.MessageChannel !== undefined) post(run, host.MessageChannel);
  else host.setTimeout(run, 0);
}

/** Browsers delay nested timers by 4 ms, and timers of a hidden page by a second; messages are not delayed. */
function post(run: () => void, Channel: NonNullable<typeof host.MessageChannel>): void {
  if (channel === undefined) {
    channel = new Channel();
    channel.port1.onmessage = () => waiting.shift()?.();
  }
  waiting.push(run);
  channel.port2.postMessage(undefined);
}
