// SPDX-License-Identifier: Apache-2.0

/** What a contestant needs from the race: messages, and a check of its work. None of it counts as its CPU time. */
export interface Counterpart {
  /** Runs before each round. */
  prepare?(messages: number): Promise<void>;
  /** Runs during each round. */
  feed?(messages: number): Promise<void>;
  /** Runs after each round. @throws Error if the contestant did less than all */
  check?(messages: number): Promise<void>;
  /** Runs after the race. */
  stop?(): void;
}
