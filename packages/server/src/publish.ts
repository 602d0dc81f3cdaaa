// SPDX-License-Identifier: Apache-2.0
import { decodeHeaders, encodeHeaders, isSubject, MsgHeaders, type Pub, serverErrorText } from "@natswire/codec";
import { mayPublish, mayReceive } from "./auth/permissions.ts";
import type { ServerConfig } from "./config.ts";
import { fanOut } from "./fanout.ts";
import type { Peer } from "./peer.ts";
import { limitViolation } from "./subject-limits.ts";

/**
 * Relays a message, or refuses it and keeps the connection.
 *
 * The reference server relays odd bytes and broken header blocks as they are; here they end at the publisher.
 *
 * @returns how many received it; `undefined` where it was refused
 */
export function publish(peer: Peer, message: Pub, config: ServerConfig): number | undefined {
  // Pedantic adds a complaint and stops nothing; it comes first.
  if (peer.pedantic && message.flaw === undefined && !isSubject(message.subject)) {
    peer.sendError(serverErrorText("INVALID_PUBLISH_SUBJECT")!);
  }
  const error = errorFor(peer, message, config);
  if (error !== undefined) {
    peer.sendError(error);
    return undefined;
  }
  peer.acknowledge();
  peer.published++;
  const count = fanOut(message, peer, peer.interest, config.random);
  if (count === 0 && message.reply !== undefined && peer.noResponders) {
    reportNoResponders(peer, message.subject, message.reply, config);
  }
  return count;
}

function errorFor(peer: Peer, { subject, reply, headers, flaw }: Pub, config: ServerConfig): string | undefined {
  if (flaw !== undefined) return serverErrorText("INVALID_PUBLISH_SUBJECT");
  const violation = limitViolation(subject, config);
  if (violation !== undefined) return `${serverErrorText("PUBLISH_PERMISSION", subject)}, ${violation}`;
  // Later releases keep two names for what servers say to one another.
  const isReserved = (config.compat === "2.9" ? /^_GR_\../ : /^(_GR_|\$NRG)\../).test(subject);
  if (isReserved || !mayPublish(peer.permissions, subject)) return serverErrorText("PUBLISH_PERMISSION", subject);
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
function reportNoResponders(peer: Peer, subject: string, reply: string, { compat }: ServerConfig): void {
  const own = peer.interest.receiversOf(reply).plain.find(({ receiver }) => receiver === peer);
  if (own === undefined || (own.filtered && !mayReceive(peer.permissions, reply))) return;
  const status = new MsgHeaders();
  status.status = 503;
  // From 2.12 on the status names the subject nobody listens to.
  if (compat !== "2.9") status.append("Nats-Subject", subject);
  const message = { subject: reply, reply: undefined, headers: encodeHeaders(status), payload: new Uint8Array(0) };
  peer.send({ op: "msg", sid: own.sid, ...message, flaw: undefined });
}
