// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../testkit/random.ts";
import type { Line, TcpProxy } from "./proxy.ts";

type Fault = (line: Line) => void;

const directions = [["toServer"], ["toClient"], ["toServer", "toClient"]] as const;
const sides = ["near", "far"] as const;

// Everything is drawn before it happens: then the same seed draws the same, whatever comes first.
const faults = {
  /** Nothing comes through any more, in one direction or both, and nobody is told. */
  stall(random) {
    const held = random.pick(directions);
    return (line) => {
      for (const way of held) line[way].hold();
    };
  },
  /** Nothing comes through for a while. */
  pause(random) {
    const held = random.pick(directions);
    const time = random.below(150);
    return (line) => {
      for (const way of held) line[way].hold();
      setTimeout(() => {
        for (const way of held) line[way].release();
      }, time);
    };
  },
  "half-close"(random) {
    const side = random.pick(sides);
    return (line) => void line[side].end();
  },
  reset: () => reset,
  /** The other side never hears of it. */
  "reset of one side"(random) {
    const side = random.pick(sides);
    return (line) => {
      line.toServer.lose();
      line.toClient.lose();
      line[side].resetAndDestroy();
    };
  },
  /** So many bytes more, and it ends in the middle of a frame, or is reset. */
  cut(random) {
    const way = random.pick(["toServer", "toClient"] as const);
    const bytes = 1 + random.below(3000);
    const isReset = random.once(2);
    return (line) => line[way].cut(bytes, () => (isReset ? reset(line) : line.end()));
  },
  /** Bytes come one by one, in both directions. */
  split(random) {
    const bytes = 1 + random.below(400);
    return (line) => {
      line.toServer.split(bytes);
      line.toClient.split(bytes);
    };
  },
} satisfies Record<string, (random: Random) => Fault>;

export type Kind = keyof typeof faults;
export const kinds = Object.keys(faults) as readonly Kind[];

/** Something happens to the connection there is; or that one is reset, and it happens to the next before it says a word. */
export async function befall(proxy: TcpProxy, random: Random): Promise<Kind> {
  const kind = random.pick(kinds);
  const fault = faults[kind](random);
  const time = random.below(20);
  if (random.once(4)) {
    proxy.next = fault;
    reset(proxy.line);
  } else {
    fault(proxy.line);
  }
  await sleep(time);
  return kind;
}

function reset({ near, far }: Line): void {
  near.resetAndDestroy();
  far.resetAndDestroy();
}
