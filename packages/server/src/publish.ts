// SPDX-License-Identifier: Apache-2.0
import { encodeHeaders, isHeaderBlock, isSubject, MsgHeaders, type Pub, serverErrorText } from "@natswire/codec";
import { mayPublish } from "./auth/permissions.ts";
import type { ServerConfig } from "./config.ts";
import { fanOut, hasReceiver } from "./fanout.ts";
import type { Peer } from "./peer.ts";
import { limitViolation } from "./subject-limits.ts";
import { sizeOf } from "./subscription.ts";
import { type Trace, traceOf } from "./trace.ts";

/**
 * Relays a message, or rejects it with -ERR and keeps the connection.
 *
 * nats-server relays invalid subjects, and header blocks that do not begin with `NATS/1.0`; this server rejects them.
 *
 * @returns how many subscriptions received it, or `undefined` if it was rejected
 */
export function publish(peer: Peer, message: Pub, config: ServerConfig): number | undefined {
  // A pedantic client is sent this error first, and the message is relayed all the same.
  if (peer.pedantic && message.flaw === undefined && !isSubject(message.subject)) {
    peer.sendError(serverErrorText("INVALID_PUBLISH_SUBJECT"));
  }
  const { headers } = message;
  const trace = config.compat !== "2.9" && headers !== undefined ? traceOf(headers) : undefined;
  const error = errorFor(peer, message, config, trace);
  if (error !== undefined) {
    peer.sendError(error);
    return undefined;
  }
  peer.acknowledge();
  peer.published++;
  peer.publishedBytes += sizeOf(headers, message.payload);
  if (trace?.isOnly === true) {
    if (!hasReceiver(message.subject, peer, peer.interest, () => true)) reportNoResponders(peer, message, config);
    return 0;
  }
  const count = fanOut(message, peer, peer.interest, config.random);
  if (count === 0) reportNoResponders(peer, message, config);
  return count;
}

/** Returns the text of -ERR for a message that is rejected. */
function errorFor(
  peer: Peer,
  { subject, reply, headers, flaw }: Pub,
  config: ServerConfig,
  trace: Trace | undefined,
): string | undefined {
  if (flaw !== undefined) return serverErrorText("INVALID_PUBLISH_SUBJECT");
  const violation = limitViolation(subject, config);
  if (violation !== undefined) return `${serverErrorText("PUBLISH_PERMISSION", subject)}, ${violation}`;
  // Later releases of nats-server reserve two prefixes for messages between servers.
  const reserved = config.compat === "2.9" ? /^_GR_\../ : /^(_GR_|\$NRG)\../;
  const isPermitted = mayPublish(peer.permissions, subject) || peer.responses?.take(subject) === true;
  if (reserved.test(subject) || !isPermitted) return serverErrorText("PUBLISH_PERMISSION", subject);
  if (trace !== undefined && (reserved.test(trace.destination) || !mayPublish(peer.permissions, trace.destination))) {
    return serverErrorText("PUBLISH_PERMISSION", trace.destination);
  }
  if (reply !== undefined && /^(_R_\.|_GR_\..|\$JS\.ACK\..)/.test(reply)) {
    return serverErrorText("REPLY_PERMISSION", reply);
  }
  if (headers !== undefined && !isHeaderBlock(headers)) {
    // Clients keep the connection after an error that begins with this text.
    return `${serverErrorText("PUBLISH_PERMISSION", subject)}, malformed header block`;
  }
  return undefined;
}

/** Delivers status 503 to a plain subscription of the publisher that matches the reply subject, if it wants that and has one. */
function reportNoResponders(peer: Peer, { subject, reply }: Pub, { compat }: ServerConfig): void {
  if (reply === undefined || !peer.noResponders) return;
  const own = peer.interest.receiversOf(reply).plain.find(({ receiver }) => receiver === peer);
  if (own === undefined) return;
  const status = new MsgHeaders();
  status.status = 503;
  // nats-server 2.12 and later name the subject that has no subscriber.
  if (compat !== "2.9") status.append("Nats-Subject", subject);
  const message = { subject: reply, reply: undefined, headers: encodeHeaders(status), payload: new Uint8Array(0) };
  peer.send({ op: "msg", sid: own.sid, ...message, flaw: undefined });
}
