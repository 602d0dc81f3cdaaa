// SPDX-License-Identifier: Apache-2.0
import { isPattern, isQueue, type Sub, serverErrorText, type Unsub } from "@natswire/codec";
import type { ServerConfig } from "./config.ts";
import type { Peer, Subscription } from "./peer.ts";
import { isFiltered, maySubscribe } from "./permissions.ts";
import type { SubjectTree } from "./subject-tree.ts";

/**
 * Registers a subscription (protocol sections 1.10 and 5.3).
 *
 * @returns whether there is one more; a refused one and a sid in use leave the connection as it was
 */
export function subscribe(
  peer: Peer,
  { subject, queue, sid }: Sub,
  tree: SubjectTree<Subscription>,
  { maxSubscriptions, maxTokens }: ServerConfig,
): boolean {
  const refuse = (code: string): false => {
    peer.refuse(serverErrorText(code, subject, queue)!);
    return false;
  };
  if (queue === "_sys_" || !maySubscribe(peer.permissions, subject)) return refuse("SUBSCRIBE_PERMISSION");
  if (subject.split(".", maxTokens + 1).length > maxTokens) {
    peer.refuse(`${serverErrorText("SUBSCRIBE_PERMISSION", subject)}, too many tokens`);
    return false;
  }
  if (peer.subscriptions.size >= maxSubscriptions) return refuse("TOO_MANY_SUBSCRIPTIONS");
  if (peer.subscriptions.has(sid)) {
    peer.acknowledge();
    return false;
  }
  // U+FFFD stands for bytes that are no UTF-8: two subjects would be one. A sid must go back as it came.
  if (!isPattern(subject) || subject.includes("\ufffd") || !isQueue(sid)) return refuse("INVALID_SUBJECT");
  const filtered = isFiltered(peer.permissions, subject);
  const subscription = { peer, pattern: subject, queue, sid, delivered: 0, max: undefined, filtered };
  peer.subscriptions.set(sid, subscription);
  tree.insert(subject, subscription);
  peer.acknowledge();
  return true;
}

/** Ends a subscription now, or when it has had `max` deliveries since its SUB; 0 is now. */
export function unsubscribe(peer: Peer, { sid, max }: Unsub, remove: (subscription: Subscription) => void): void {
  const subscription = peer.subscriptions.get(sid);
  if (subscription !== undefined) {
    subscription.max = max;
    if (max === undefined || subscription.delivered >= max) remove(subscription);
  }
  peer.acknowledge();
}
