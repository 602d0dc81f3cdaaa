// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import { mayReceive } from "./auth/permissions.ts";
import type { ServerConfig } from "./config.ts";
import type { Interest } from "./interest.ts";
import type { Receiver, Subscription } from "./subscription.ts";

/**
 * Delivers a message to every plain subscription and to one member of each queue group.
 *
 * @param random chooses the member of a queue group
 * @returns how many subscriptions received it
 */
export function fanOut(message: Pub, publisher: Receiver, interest: Interest, random: ServerConfig["random"]): number {
  const { plain, groups } = interest.receiversOf(message.subject);
  let count = 0;
  for (const subscription of plain) if (deliver(message, publisher, subscription, interest)) count++;
  for (const group of groups) {
    const first = pickIndex(group.length, random);
    for (let i = 0; i < group.length; i++) {
      if (deliver(message, publisher, group[(first + i) % group.length]!, interest)) {
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

/** Returns whether the subscription received the message. */
function deliver(message: Pub, publisher: Receiver, subscription: Subscription, interest: Interest): boolean {
  const { receiver, sid, filtered } = subscription;
  if (receiver.closing || (receiver === publisher && !receiver.echo)) return false;
  if (filtered && !mayReceive(receiver.permissions, message.subject)) return false;
  receiver.deliver(message, sid);
  subscription.delivered++;
  if (subscription.max !== undefined && subscription.delivered >= subscription.max) interest.remove(subscription);
  return true;
}
