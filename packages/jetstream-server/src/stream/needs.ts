// SPDX-License-Identifier: Apache-2.0
import type { StreamConsumer } from "../consumer/stream-consumer.ts";
import type { Stored } from "./stored.ts";
import type { Stream } from "./stream.ts";

/** Returns whether a consumer, or a copy to another stream, would receive a message that is not stored yet. */
export function isWanted({ readers, consumers }: Stream, message: Stored): boolean {
  if (readers.size > 0) return true;
  for (const consumer of consumers.values()) if (consumer.needs(message)) return true;
  return false;
}

/** Returns whether a consumer, or a copy to another stream, still needs a message. @param except a consumer that does not count */
export function isNeeded(
  { readers, consumers, store }: Stream,
  sequence: number,
  except: StreamConsumer | undefined,
): boolean {
  for (const reader of readers) if (reader.needs(sequence)) return true;
  const message = store.get(sequence);
  if (message === undefined) return false;
  for (const consumer of consumers.values()) if (consumer !== except && consumer.needs(message)) return true;
  return false;
}

/** Returns the messages that no consumer and no copy needs any more. */
export function unneeded(stream: Stream): number[] {
  const { store } = stream;
  const found: number[] = [];
  for (let at = store.nextSequence(0); at !== undefined; at = store.nextSequence(at + 1)) {
    if (!isNeeded(stream, at, undefined)) found.push(at);
  }
  return found;
}
