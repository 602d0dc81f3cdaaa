// SPDX-License-Identifier: Apache-2.0
import { API_LEVEL, SERVER_VERSION } from "../account.ts";

/** What streams and consumers are labelled with. */
export type Metadata = Readonly<Record<string, string>>;

const LEVEL_KEY = "_nats.req.level";
const dynamicKeys: readonly string[] = ["_nats.level", "_nats.ver"];

/** Returns the metadata that is kept: what a request gives, and the level of the API that the configuration needs. */
export function staticMetadata(metadata: Metadata | undefined, level: number): Metadata {
  const given = Object.entries(metadata ?? {}).filter(([key]) => !dynamicKeys.includes(key));
  return Object.fromEntries([...given, [LEVEL_KEY, String(level)]]);
}

/** Returns metadata as an answer has it: with the level and the version of the server, sorted. */
export function shownMetadata(metadata: Metadata | undefined): Metadata {
  const shown = { ...metadata, "_nats.level": String(API_LEVEL), "_nats.ver": SERVER_VERSION };
  return Object.fromEntries(Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1)));
}
