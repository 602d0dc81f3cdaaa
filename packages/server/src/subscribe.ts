// SPDX-License-Identifier: Apache-2.0
import { isPattern, isQueue, type ServerErrorCode, type Sub, serverErrorText, type Unsub } from "@natswire/codec";
import { maySubscribe, needsFilter } from "./auth/permissions.ts";
import type { ServerConfig } from "./config.ts";
import type { Peer } from "./peer.ts";
import { limitViolation } from "./subject-limits.ts";

/** Adds a subscription. Rejects it with -ERR if it is not valid or permitted; ignores it if its sid is in use. */
export function subscribe(peer: Peer, { subject, queue, sid }: Sub, config: ServerConfig): void {
  const reject = (code: ServerErrorCode): void => peer.sendError(serverErrorText(code, subject, queue));
  if (queue === "_sys_" || !maySubscribe(peer.permissions, subject, queue)) return reject("SUBSCRIBE_PERMISSION");
  const violation = limitViolation(subject, config);
  if (violation !== undefined)
    return peer.sendError(`${serverErrorText("SUBSCRIBE_PERMISSION", subject)}, ${violation}`);
  if (peer.subscriptions.size >= config.maxSubscriptions) return reject("TOO_MANY_SUBSCRIPTIONS");
  if (peer.subscriptions.has(sid)) return peer.acknowledge();
  // Messages repeat the sid, so it must be one that can be encoded.
  if (!isPattern(subject) || !isQueue(sid)) return reject("INVALID_SUBJECT");
  const filtered = needsFilter(peer.permissions, subject);
  peer.interest.add({ receiver: peer, pattern: subject, queue, sid, delivered: 0, max: undefined, filtered });
  peer.acknowledge();
}

/** Ends a subscription after `max` deliveries since its SUB; now if there is no `max`, or if it is 0. */
export function unsubscribe(peer: Peer, { sid, max }: Unsub): void {
  const subscription = peer.subscriptions.get(sid);
  if (subscription !== undefined) peer.interest.setMax(subscription, max);
  peer.acknowledge();
}
