// SPDX-License-Identifier: Apache-2.0
import type { Totals } from "./self-publisher.ts";

/** Adds up the totals of several publishers. */
export function sum(all: readonly Totals[]): Totals {
  const of = (name: keyof Totals): number => all.reduce((total, one) => total + one[name], 0);
  return {
    published: of("published"),
    received: of("received"),
    unknown: of("unknown"),
    lost: of("lost"),
    reconnects: of("reconnects"),
  };
}
