// SPDX-License-Identifier: Apache-2.0

// The first few are enough to find the cause.
const KEPT = 10;

/** What a run found to be broken. */
export class Findings {
  readonly broken: string[] = [];

  report(what: string): void {
    if (this.broken.length < KEPT) this.broken.push(what);
  }

  check(holds: boolean, what: string): void {
    if (!holds) this.report(what);
  }
}
