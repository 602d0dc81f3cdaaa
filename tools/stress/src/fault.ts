// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../testkit/random.ts";
import type { ProxiedConnection, TcpProxy } from "../../testkit/tcp-proxy.ts";

type Fault = (connection: ProxiedConnection) => void;

const directions = [["toServer"], ["toClient"], ["toServer", "toClient"]] as const;
const sides = ["client", "server"] as const;

// Everything is drawn before anything happens: the same seed draws the same faults, whatever the timing.
const faults = {
  /** Stops forwarding for good, in one direction or both. Neither side is notified. */
  stall(random) {
    const held = random.pick(directions);
    return (connection) => {
      for (const direction of held) connection[direction].hold();
    };
  },
  /** Stops forwarding for up to 150 ms. */
  pause(random) {
    const held = random.pick(directions);
    const time = random.below(150);
    return (connection) => {
      for (const direction of held) connection[direction].hold();
      setTimeout(() => {
        for (const direction of held) connection[direction].release();
      }, time);
    };
  },
  "half-close"(random) {
    const side = random.pick(sides);
    return (connection) => void connection[side].end();
  },
  reset: () => (connection) => connection.reset(),
  /** Resets one side. The other side is not notified. */
  "reset of one side"(random) {
    const side = random.pick(sides);
    return (connection) => {
      connection.toServer.discard();
      connection.toClient.discard();
      connection[side].resetAndDestroy();
    };
  },
  /** Closes or resets both sides after up to 3,000 more bytes, usually in the middle of a frame. */
  cut(random) {
    const direction = random.pick(["toServer", "toClient"] as const);
    const bytes = 1 + random.below(3000);
    const isReset = random.once(2);
    return (connection) => connection[direction].cut(bytes, () => (isReset ? connection.reset() : connection.end()));
  },
  /** Forwards up to 400 bytes one at a time, in both directions. */
  split(random) {
    const bytes = 1 + random.below(400);
    return (connection) => {
      connection.toServer.split(bytes);
      connection.toClient.split(bytes);
    };
  },
} satisfies Record<string, (random: Random) => Fault>;

export type FaultKind = keyof typeof faults;
export const kinds = Object.keys(faults) as readonly FaultKind[];

/** Injects a fault into the open connection. One time in four it resets that and injects it into the next one. */
export async function injectFault(proxy: TcpProxy, random: Random): Promise<FaultKind> {
  const kind = random.pick(kinds);
  const fault = faults[kind](random);
  const time = random.below(20);
  if (random.once(4)) {
    proxy.onConnection = (connection) => {
      proxy.onConnection = () => {};
      fault(connection);
    };
    proxy.last.reset();
  } else {
    fault(proxy.last);
  }
  await sleep(time);
  return kind;
}
