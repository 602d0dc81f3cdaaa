// SPDX-License-Identifier: Apache-2.0
import type { Sums } from "./self-publisher.ts";

/** Of all of them together. */
export function total(all: readonly Sums[]): Sums {
  const of = (name: keyof Sums): number => all.reduce((sum, one) => sum + one[name], 0);
  return {
    published: of("published"),
    heard: of("heard"),
    unknown: of("unknown"),
    lost: of("lost"),
    reconnects: of("reconnects"),
  };
}
