// SPDX-License-Identifier: Apache-2.0
import type { Release } from "./targets.ts";
import type { Transcript } from "./transcript.ts";

/** A transcript; of a script with one connection, what that one heard. */
export type Heard = string | Transcript;

/** What is heard where the releases differ. */
export type HeardOf = Heard | Readonly<Record<Release, Heard>>;

/** Where ours says something else than the real server, on purpose. */
export interface Difference {
  readonly name: string;
  /** The rule it follows; `(V5)` is a promise of docs/reliability.md. */
  readonly reason: string;
  /** By `theme: sentence`: what each says. All of these, and no other script, differ. */
  readonly scripts: Readonly<Record<string, { readonly ours: HeardOf; readonly real: HeardOf }>>;
  /** The operation, in a script made at random, from which on the two may go separate ways. */
  readonly random?: RegExp;
}

/** Where two releases of the real server differ, and ours with them. */
export interface VersionDifference {
  readonly name: string;
  readonly scripts: Readonly<Record<string, Readonly<Record<Release, Heard>>>>;
}

export function heardOf(heard: HeardOf, release: Release): Transcript {
  const one = typeof heard === "object" && release in heard ? (heard as Record<Release, Heard>)[release] : heard;
  return typeof one === "string" ? { a: one } : (one as Transcript);
}
