// SPDX-License-Identifier: Apache-2.0
import type { Action } from "./outputs.ts";

/** What is to be done, first in, first out, at a constant cost. */
export class ActionQueue {
  readonly #actions: Action[] = [];
  #taken = 0;

  add(action: Action): void {
    this.#actions.push(action);
  }

  take(): Action | undefined {
    const action = this.#actions[this.#taken++];
    if (action === undefined) this.#actions.length = this.#taken = 0;
    return action;
  }
}
