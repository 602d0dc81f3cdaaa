// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { ServerConfig } from "./config.ts";
import type { Peer, Subscription } from "./peer.ts";
import { mayReceive } from "./permissions.ts";
import type { SubjectTree } from "./subject-tree.ts";

/**
 * Delivers a message to every plain subscription and to one member of each queue group (protocol section 5).
 *
 * @param random chooses among the members of a queue group
 * @param delivered called after each delivery
 * @returns how many received it
 */
export function fanOut(
  message: Pub,
  from: Peer,
  tree: SubjectTree<Subscription>,
  random: ServerConfig["random"],
  delivered: (subscription: Subscription, to: Peer) => void,
): number {
  const plain: Subscription[] = [];
  const groups = new Map<string, Subscription[]>();
  tree.match(message.subject, (subscription) => {
    if (subscription.queue === undefined) plain.push(subscription);
    else {
      const group = groups.get(subscription.queue);
      if (group === undefined) groups.set(subscription.queue, [subscription]);
      else group.push(subscription);
    }
  });
  let count = 0;
  for (const subscription of plain) if (deliver(message, from, subscription, delivered)) count++;
  for (const group of groups.values()) {
    const first = pick(group.length, random);
    for (let i = 0; i < group.length; i++) {
      if (deliver(message, from, group[(first + i) % group.length]!, delivered)) {
        count++;
        break;
      }
    }
  }
  return count;
}

function pick(below: number, random: ServerConfig["random"]): number {
  if (below === 1) return 0;
  const word = new Uint32Array(1);
  random(new Uint8Array(word.buffer));
  // Groups are small: the bias of the remainder is below one in a million.
  return word[0]! % below;
}

function deliver(
  message: Pub,
  from: Peer,
  subscription: Subscription,
  delivered: (subscription: Subscription, to: Peer) => void,
): boolean {
  const { peer, sid, filtered } = subscription;
  if (peer.closing || (peer === from && !peer.echo)) return false;
  if (filtered && !mayReceive(peer.permissions, message.subject)) return false;
  const headers = peer.headers && message.headers?.length !== 0 ? message.headers : undefined;
  const { subject, reply, payload } = message;
  peer.send({ op: "msg", subject, sid, reply, headers, payload, flaw: undefined });
  subscription.delivered++;
  delivered(subscription, peer);
  return true;
}
