// SPDX-License-Identifier: Apache-2.0
import type { Release } from "./targets.ts";
import type { Transcript } from "./transcript.ts";

/** A transcript. For a script with one connection: what that connection received. */
export type Expected = string | Transcript;

/** A transcript for each release, if the releases differ. */
export type ByRelease = Expected | Readonly<Record<Release, Expected>>;

/** An intended difference between the embedded server and nats-server. */
export interface Difference {
  readonly name: string;
  /** The rule that the embedded server follows. `(V5)` refers to a promise in docs/reliability.md. */
  readonly reason: string;
  /** What each server answers, by `theme: title`. All of these scripts differ, and no others. */
  readonly scripts: Readonly<Record<string, { readonly ours: ByRelease; readonly real: ByRelease }>>;
  /** In a random script, the servers may differ after an operation that matches. */
  readonly random?: RegExp;
}

/** A difference between two releases of nats-server that the embedded server follows (`compat`). */
export interface VersionDifference {
  readonly name: string;
  readonly scripts: Readonly<Record<string, Readonly<Record<Release, Expected>>>>;
}

/** Returns the transcript for a release. */
export function transcriptFor(received: ByRelease, release: Release): Transcript {
  const isByRelease = typeof received === "object" && release in received;
  const one = isByRelease ? (received as Record<Release, Expected>)[release] : received;
  return typeof one === "string" ? { a: one } : (one as Transcript);
}
