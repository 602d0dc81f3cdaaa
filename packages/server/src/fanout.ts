// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import { mayReceive } from "./auth/permissions.ts";
import type { ServerConfig } from "./config.ts";
import type { Interest } from "./interest.ts";
import type { Receiver, Subscription } from "./subscription.ts";

/**
 * Delivers a message to every plain subscription and to one member of each queue group.
 *
 * @param publisher `undefined` for the server itself
 * @param random chooses the member of a queue group
 * @param to whose receivers get it; those of the message's subject by default
 * @returns how many subscriptions received it
 */
export function fanOut(
  message: Pub,
  publisher: Receiver | undefined,
  interest: Interest,
  random: ServerConfig["random"],
  to: string = message.subject,
): number {
  const { plain, groups } = interest.receiversOf(to);
  let count = 0;
  for (const subscription of plain) if (deliver(message, to, publisher, subscription, interest)) count++;
  for (const group of groups) {
    const first = pickIndex(group.length, random);
    for (let i = 0; i < group.length; i++) {
      if (deliver(message, to, publisher, group[(first + i) % group.length]!, interest)) {
        count++;
        break;
      }
    }
  }
  return count;
}

/** Returns a random index below a limit. */
function pickIndex(below: number, random: ServerConfig["random"]): number {
  if (below === 1) return 0;
  const word = new Uint32Array(1);
  random(new Uint8Array(word.buffer));
  // Queue groups are small: the bias of the remainder is below one in a million.
  return word[0]! % below;
}

/**
 * Returns whether some subscription would receive a message.
 *
 * @param counts returns whether a subscription counts
 */
export function hasReceiver(
  subject: string,
  publisher: Receiver | undefined,
  interest: Interest,
  counts: (subscription: Subscription) => boolean,
): boolean {
  const { plain, groups } = interest.receiversOf(subject);
  return [plain, ...groups].some((list) => list.some((one) => counts(one) && mayDeliver(subject, publisher, one)));
}

function mayDeliver(subject: string, publisher: Receiver | undefined, { receiver, filtered }: Subscription): boolean {
  if (receiver.closing || (receiver === publisher && !receiver.echo)) return false;
  return !filtered || mayReceive(receiver.permissions, subject);
}

/** Returns whether the subscription received the message. */
function deliver(
  message: Pub,
  to: string,
  publisher: Receiver | undefined,
  subscription: Subscription,
  interest: Interest,
): boolean {
  if (!mayDeliver(to, publisher, subscription)) return false;
  subscription.receiver.deliver(message, subscription.sid, publisher);
  subscription.delivered++;
  if (subscription.max !== undefined && subscription.delivered >= subscription.max) interest.remove(subscription);
  return true;
}
