// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../clock.ts";
import { type WaitOptions, withDeadline } from "../wait.ts";

/** Those who wait until there is room again; who gives up is forgotten at once. */
export class ReadyWaiters {
  readonly #waiting = new Set<() => void>();

  get size(): number {
    return this.#waiting.size;
  }

  async wait(patience: WaitOptions, clock: Clock): Promise<void> {
    let relieved = (): void => {};
    const room = new Promise<void>((resolve) => {
      relieved = resolve;
      this.#waiting.add(relieved);
    });
    try {
      await withDeadline(room, patience, clock);
    } finally {
      this.#waiting.delete(relieved);
    }
  }

  /** There is room. */
  tell(): void {
    for (const relieved of this.#waiting) relieved();
    this.#waiting.clear();
  }
}
