// SPDX-License-Identifier: Apache-2.0
import type { Event } from "@natswire/session";
import type { Client } from "./client.ts";
import { hold } from "./laws.ts";
import type { World } from "./world.ts";

/** A session tells its program something: was it to be told? */
export function tell(client: Client, world: World, event: Event): void {
  const { subscriber, questions, pool, program, inboxes } = client;
  const { saw } = world;
  world.note(`${client.name}: ${described(event)}`);
  switch (event.event) {
    case "connected":
      return client.entered();
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
      const subscription = subscriber.told(event);
      const { subject, payload } = event.message;
      if (payload.length > 0) arrived(world, subject, payload);
      return program.hear(subscription, event.message);
    }
    case "forget":
      return subscriber.forgot(event);
    case "dropped":
      subscriber.subscriptions.get(event.of)!.toldDropped += event.messages;
      return;
    case "unsubscribed":
      return subscriber.ended(event.of, program.isClosing || event.reason !== undefined);
    case "reply":
      saw("reply");
      return questions.replied(event.ticket, arrived(world, event.message.subject, event.message.payload));
    case "answered":
      saw("manyReplies");
      inboxes.close(event.ticket);
      return questions.done(event.ticket, "request");
    case "failed":
      return failed(client, world, event);
    case "flushed": {
      const { read } = client.wire!;
      hold("flushed", read >= program.publisher.flushes.get(event.ticket)!, () => `only ${read} are`);
      return questions.done(event.ticket, "flush");
    }
    case "drained":
      program.drained(event.ticket);
      return questions.done(event.ticket, "drain");
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

function failed({ questions, inboxes, program }: Client, { saw }: World, event: Event & { event: "failed" }): void {
  const { ticket, reason } = event;
  const kind = questions.kindOf(ticket);
  if (reason === "NO_RESPONDERS") saw("noResponders");
  if (reason === "TIMEOUT") saw("requestTimeout");
  if (reason === "LOST") saw(kind === "flush" ? "flushLost" : kind === "drain" ? "drainLost" : "requestLost");
  inboxes.close(ticket);
  program.drained(ticket);
  questions.failed(event);
}

/** @returns which message it is */
function arrived({ ledger, saw }: World, subject: string, payload: Uint8Array): number {
  const { number, isUnknown, whileDown } = ledger.of(subject, payload);
  if (isUnknown) saw("unknownArrived");
  if (whileDown) saw("kept");
  return number;
}

function described(event: Event): string {
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
