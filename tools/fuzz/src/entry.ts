// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";

/** Returns the entry module of a target. It imports only what the target tests, so that only that is counted. */
export function entryOf(target: string): string {
  const entry = /^(server|session-|jetstream|grammar|cluster|rewrite)/.test(target)
    ? new URL("under-test.js", import.meta.url).href
    : "@natswire/codec";
  return fileURLToPath(import.meta.resolve(entry));
}
