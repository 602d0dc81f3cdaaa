// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../clock.ts";
import { type WaitOptions, withDeadline } from "../wait.ts";

/** The calls of `ready` that wait for room; one that times out is removed at once. */
export class ReadyWaiters {
  readonly #waiting = new Set<() => void>();

  get size(): number {
    return this.#waiting.size;
  }

  async wait(options: WaitOptions, clock: Clock): Promise<void> {
    let resume = (): void => {};
    const room = new Promise<void>((resolve) => {
      resume = resolve;
      this.#waiting.add(resume);
    });
    try {
      await withDeadline(room, options, clock);
    } finally {
      this.#waiting.delete(resume);
    }
  }

  /** Resolves every wait: there is room. */
  notify(): void {
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }
}
