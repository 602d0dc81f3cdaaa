// SPDX-License-Identifier: Apache-2.0
import type { Action } from "./outputs.ts";

/** The actions that the runtime has not performed yet, first in, first out, at constant cost. */
export class ActionQueue {
  readonly #actions: Action[] = [];
  #taken = 0;

  /** Appends an action. */
  add(action: Action): void {
    this.#actions.push(action);
  }

  /** Removes the oldest action and returns it, or `undefined` if the queue is empty. */
  take(): Action | undefined {
    const action = this.#actions[this.#taken++];
    if (action === undefined) this.#actions.length = this.#taken = 0;
    return action;
  }
}
