// SPDX-License-Identifier: Apache-2.0
import type { Event } from "@natswire/session";
import type { Client } from "./client.ts";
import { hold } from "./laws.ts";
import type { World } from "./world.ts";

/** Checks an event that a session emits against the models. */
export function checkEvent(client: Client, world: World, event: Event): void {
  const { subscriber, pending, pool, program, inboxes } = client;
  const { saw } = world;
  world.note(`${client.name}: ${describe(event)}`);
  switch (event.event) {
    case "connecting":
      return;
    case "connected":
      return client.connected();
    case "disconnected":
      if (event.reason === "STALE" && event.detail.includes("unanswered")) saw("stale");
      if (event.reason === "PROTOCOL") saw("garbage");
      return;
    case "reconnecting":
      return pool.waits(event.after);
    case "update":
      return pool.learned(event.servers);
    case "lame-duck":
      return saw("lameDuck");
    case "message": {
      const subscription = subscriber.delivered(event);
      const { subject, payload } = event.message;
      if (payload.length > 0) numberOf(world, subject, payload);
      return program.deliver(subscription, event.message);
    }
    case "forget":
      return subscriber.forgot(event);
    case "dropped":
      subscriber.subscriptions.get(event.of)!.reportedDropped += event.messages;
      return;
    case "unsubscribed":
      return ended(client, event);
    case "reply":
      saw("reply");
      return pending.replied(event.ticket, numberOf(world, event.message.subject, event.message.payload));
    case "answered":
      saw("manyReplies");
      inboxes.close(event.ticket);
      return pending.done(event.ticket, "request");
    case "failed":
      return failed(client, world, event);
    case "flushed":
      program.publisher.flushed(event.ticket);
      return pending.done(event.ticket, "flush");
    case "drained":
      program.drained(event.ticket);
      return pending.done(event.ticket, "drain");
    case "ready":
      return saw("relieved");
    case "closed":
      client.isClosed = true;
      if (!program.isClosing) pool.gaveUp();
      return;
    case "error":
      return;
  }
}

function ended({ subscriber, program }: Client, { of, failure }: Event & { event: "unsubscribed" }): void {
  const { isDenied } = subscriber.subscriptions.get(of)!;
  const isAsDenied = isDenied === (failure?.reason === "PERMISSION");
  hold("denied", isAsDenied, () => `sid ${of} ended with ${failure?.reason}, denied: ${isDenied}`);
  subscriber.ended(of, program.isClosing || (failure !== undefined && !isDenied));
}

function failed({ pending, inboxes, program }: Client, { saw }: World, event: Event & { event: "failed" }): void {
  const { ticket, reason } = event;
  const kind = pending.kindOf(ticket);
  if (reason === "NO_RESPONDERS") saw("noResponders");
  if (reason === "TIMEOUT") saw("requestTimeout");
  if (reason === "LOST") saw(kind === "flush" ? "flushLost" : kind === "drain" ? "drainLost" : "requestLost");
  inboxes.close(ticket);
  program.drained(ticket);
  pending.failed(event);
}

/** Returns the number of a delivered message. */
function numberOf({ messages, saw }: World, subject: string, payload: Uint8Array): number {
  const { number, isUnknown, whileDown } = messages.of(subject, payload);
  if (isUnknown) saw("unknownArrived");
  if (whileDown) saw("kept");
  return number;
}

function describe(event: Event): string {
  switch (event.event) {
    case "connected":
      return `connected${event.again ? " again" : ""} to ${event.to.host}:${event.to.port}`;
    case "message":
      return `message for ${event.to} on ${event.message.subject}`;
    case "reply":
      return `reply to ${event.ticket}`;
    default: {
      const facts = Object.values(event).filter((value) => value !== undefined);
      return facts.map((fact) => (typeof fact === "object" ? JSON.stringify(fact) : String(fact))).join(" ");
    }
  }
}
