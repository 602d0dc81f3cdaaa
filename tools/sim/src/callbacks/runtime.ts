// SPDX-License-Identifier: Apache-2.0
import type { Network } from "../network.ts";

/** A timer of the simulated runtime. */
interface Timer {
  isCancelled: boolean;
}

/** A runtime whose time, timers and random source are those of a simulated network. Only its promises are real. */
export class Runtime {
  #network: Network | undefined;
  #onUncaught: (error: unknown) => void = () => {};

  /** Uses a network from now on. @param onUncaught called with what is thrown outside of any call */
  use(network: Network, onUncaught: (error: unknown) => void): void {
    this.#network = network;
    this.#onUncaught = onUncaught;
  }

  /** What `globalThis` is to the code under test. */
  readonly globals = {
    performance: { now: (): number => this.#current.now },
    setTimeout: (run: () => void, after = 0): Timer => {
      const timer = { isCancelled: false };
      const { schedule, now } = this.#current;
      schedule.at(now + after, () => {
        if (!timer.isCancelled) run();
      });
      return timer;
    },
    clearTimeout: (timer: Timer): void => {
      timer.isCancelled = true;
    },
    setImmediate: (run: () => void): void => {
      const { schedule, now } = this.#current;
      schedule.at(now, run);
    },
    queueMicrotask: (run: () => void): void => {
      queueMicrotask(() => {
        try {
          run();
        } catch (error) {
          this.#onUncaught(error);
        }
      });
    },
    crypto: { getRandomValues: (into: Uint8Array): void => this.#current.bytes(into) },
    console: { error: (): void => {}, warn: (): void => {} },
    TextEncoder,
    TextDecoder,
  };

  get #current(): Network {
    return this.#network!;
  }
}

/** Resolves after all promises have settled that can settle without a timer. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
