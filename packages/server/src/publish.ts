// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, isSubject, type Pub, serverErrorText } from "@natswire/codec";
import type { ServerConfig } from "./config.ts";
import { fanOut } from "./fanout.ts";
import type { Peer, Subscription } from "./peer.ts";
import { mayPublish, mayReceive } from "./permissions.ts";
import type { SubjectTree } from "./subject-tree.ts";

const NO_RESPONDERS = "NATS/1.0 503\r\n\r\n";

/**
 * Relays a message, or refuses it and keeps the connection.
 *
 * The reference server relays odd bytes and broken header blocks as they are; here they end at the publisher.
 *
 * @param random chooses among the members of a queue group
 * @param delivered called after each delivery
 * @returns how many received it; `undefined` where it was refused
 */
export function publish(
  peer: Peer,
  message: Pub,
  tree: SubjectTree<Subscription>,
  random: ServerConfig["random"],
  delivered: (subscription: Subscription, to: Peer) => void,
): number | undefined {
  const refusal = refuse(peer, message);
  if (refusal !== undefined) {
    peer.refuse(refusal);
    return undefined;
  }
  // Pedantic adds a complaint and stops nothing.
  if (peer.pedantic && !isSubject(message.subject)) peer.refuse(serverErrorText("INVALID_PUBLISH_SUBJECT")!);
  peer.acknowledge();
  const count = fanOut(message, peer, tree, random, delivered);
  if (count === 0 && message.reply !== undefined && peer.noResponders) reportNoResponders(peer, message.reply, tree);
  return count;
}

function refuse(peer: Peer, { subject, reply, headers, flaw }: Pub): string | undefined {
  if (flaw !== undefined) return serverErrorText("INVALID_PUBLISH_SUBJECT");
  if (/^_GR_\../.test(subject) || !mayPublish(peer.permissions, subject))
    return serverErrorText("PUBLISH_PERMISSION", subject);
  if (reply !== undefined && /^(_R_\.|_GR_\..|\$JS\.ACK\..)/.test(reply)) {
    return serverErrorText("REPLY_PERMISSION", reply);
  }
  if (headers !== undefined && decodeHeaders(headers) === undefined) {
    // Begins like the texts that clients take to leave the connection alive.
    return `${serverErrorText("PUBLISH_PERMISSION", subject)}, malformed header block`;
  }
  return undefined;
}

/** Tells the publisher on a plain subscription of its own that matches the reply subject; without one, nobody. */
function reportNoResponders(peer: Peer, reply: string, tree: SubjectTree<Subscription>): void {
  let own: Subscription | undefined;
  tree.match(reply, (subscription) => {
    const may = !subscription.filtered || mayReceive(peer.permissions, reply);
    if (subscription.peer === peer && subscription.queue === undefined && may) own ??= subscription;
  });
  if (own === undefined) return;
  const headers = Uint8Array.from(NO_RESPONDERS, (c) => c.charCodeAt(0));
  const payload = new Uint8Array(0);
  peer.send({ op: "msg", subject: reply, sid: own.sid, reply: undefined, headers, payload, flaw: undefined });
}
