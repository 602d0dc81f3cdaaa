// SPDX-License-Identifier: Apache-2.0
import { ApiFailure } from "../api/api-failure.ts";
import type { MessageStore } from "./message-store.ts";
import type { Stored } from "./stored.ts";
import type { StreamConfig } from "./stream-config.ts";

const MAX_HEADERS = 65_535;

/** A message that is to be stored. Its bytes may be lent. */
export type Incoming = Pick<Stored, "subject" | "headers" | "payload">;

/** Checks the size of a message. @throws ApiFailure */
export function checkSize({ headers, payload }: Incoming, { max_msg_size: limit }: StreamConfig): void {
  const headerBytes = headers?.length ?? 0;
  if (limit >= 0 && headerBytes + payload.length > limit) throw new ApiFailure("JSStreamMessageExceedsMaximum");
  if (headerBytes > MAX_HEADERS) throw new ApiFailure("JSStreamHeaderExceedsMaximum");
}

/**
 * Checks whether a stream that discards new messages has room for one.
 *
 * If the subject is at its own limit, its oldest message is replaced: then there is room if the new one is not larger.
 *
 * @throws ApiFailure JSStreamStoreFailed
 */
export function checkRoom(message: Incoming, config: StreamConfig, store: MessageStore): void {
  if (config.discard !== "new") return;
  const { max_msgs: maxCount, max_bytes: maxBytes, max_msgs_per_subject: perSubject } = config;
  const sequences = store.sequencesOf(message.subject);
  const replaced = perSubject > 0 && sequences !== undefined && sequences.length >= perSubject ? sequences : undefined;
  if (replaced !== undefined && config.discard_new_per_subject === true) {
    throw full("maximum messages per subject exceeded");
  }
  if (maxCount > 0 && store.count >= maxCount && replaced === undefined) throw full("maximum messages exceeded");
  const size = sizeOf(message, store);
  if (maxBytes <= 0 || store.bytes + size < maxBytes) return;
  const oldest = replaced && store.get(replaced.first);
  if (oldest === undefined || sizeOf(oldest, store) < size) throw full("maximum bytes exceeded");
}

/**
 * Returns the sequence of a message to remove because of a limit, or `undefined` if all are kept.
 *
 * @param subject of the message that was stored last
 */
export function nextToDiscard(subject: string, config: StreamConfig, store: MessageStore): number | undefined {
  const { max_msgs: maxCount, max_bytes: maxBytes, max_msgs_per_subject: perSubject } = config;
  const sequences = perSubject > 0 ? store.sequencesOf(subject) : undefined;
  if (sequences !== undefined && sequences.length > perSubject) return sequences.first;
  if (config.discard !== "old") return undefined;
  const isOver = (maxCount > 0 && store.count > maxCount) || (maxBytes > 0 && store.bytes > maxBytes);
  return isOver ? store.first : undefined;
}

function sizeOf({ subject, headers, payload }: Incoming, store: MessageStore): number {
  return store.sizeOf(subject, headers?.length ?? 0, payload.length);
}

function full(err: string): ApiFailure {
  return new ApiFailure("JSStreamStoreFailed", { err });
}
