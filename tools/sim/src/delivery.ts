// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, matches, type Pub, type ServerFrame } from "@natswire/codec";
import { hold } from "./laws.ts";
import type { Messages } from "./messages.ts";
import type { Wire } from "./wire.ts";

interface Subscription {
  readonly wire: Wire;
  readonly sid: string;
  readonly pattern: string;
  readonly queue: string | undefined;
  delivered: number;
  max: number | undefined;
}

/** A message that one member of a queue group must receive. */
interface Share {
  readonly queue: string;
  readonly number: number;
  readonly members: readonly Subscription[];
  taken: boolean;
}

/** Models what one server must deliver: compares what it received with what it sent. */
export class Delivery {
  readonly #messages: Messages;
  readonly #subscriptions = new Set<Subscription>();
  #owed: { readonly to: Subscription; readonly number: number }[] = [];
  #shares: Share[] = [];
  /** The sessions that received messages of each queue group. */
  readonly shared = new Map<string, Set<string>>();

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  /** @param taken the number of messages that the server accepted; fewer than all if it closed the connection */
  received(wire: Wire, frames: readonly ClientFrame[], taken: number, denied: (subject: string) => boolean): void {
    let left = taken;
    for (const frame of frames) {
      if (frame.op === "connect") wire.echo = frame.options.echo !== false;
      else if (frame.op === "sub") this.#subscribe(wire, frame.subject, frame.queue, frame.sid);
      else if (frame.op === "unsub") this.#limit(wire, frame.sid, frame.max);
      else if (frame.op === "pub") {
        if (denied(frame.subject)) wire.serverReceived++;
        else if (left-- > 0) this.#publish(wire, frame);
      }
    }
  }

  sent(wire: Wire, frame: ServerFrame): void {
    if (frame.op !== "msg") return;
    const sid = String(frame.sid);
    // A status from the server itself.
    if (frame.payload.length === 0 && frame.headers !== undefined) return;
    const { number } = this.#messages.of(frame.subject, frame.payload);
    const at = this.#owed.findIndex(({ to, number: owed }) => to.wire === wire && to.sid === sid && owed === number);
    if (at >= 0) {
      this.#owed.splice(at, 1);
      return;
    }
    const isMine = (one: Subscription): boolean => one.wire === wire && one.sid === sid;
    const share = this.#shares.find((one) => one.number === number && one.members.some(isMine));
    hold("relay", share !== undefined && !share.taken, () => `#${number} is not for sid ${sid} of ${wire.client.name}`);
    share!.taken = true;
    this.#count(share!.members.find(isMine)!);
    const shared = this.shared.get(share!.queue) ?? new Set();
    this.shared.set(share!.queue, shared.add(wire.client.name));
  }

  /** Checks that everything was delivered, except to connections that are being closed. */
  settle(): void {
    for (const { to, number } of this.#owed) {
      hold("relay", to.wire.isLeaving, () => `#${number} was not sent to sid ${to.sid} of ${to.wire.client.name}`);
    }
    for (const { taken, members, queue, number } of this.#shares) {
      // The server chooses the member, for which it may be the last message.
      const isSure = members.every(({ wire, max }) => !wire.isLeaving && max === undefined);
      hold("relay", taken || !isSure, () => `#${number} was not sent to any member of group ${queue}`);
    }
    this.#owed = [];
    this.#shares = [];
  }

  lost(wire: Wire): void {
    for (const one of this.#subscriptions) if (one.wire === wire) this.#subscriptions.delete(one);
  }

  #subscribe(wire: Wire, pattern: string, queue: string | undefined, sid: string): void {
    this.#subscriptions.add({ wire, sid, pattern, queue, delivered: 0, max: undefined });
  }

  #limit(wire: Wire, sid: string, max: number | undefined): void {
    for (const one of this.#subscriptions) {
      if (one.wire !== wire || one.sid !== sid) continue;
      if (max !== undefined) one.max = max;
      if (max === undefined || one.delivered >= max) this.#subscriptions.delete(one);
    }
  }

  #publish(wire: Wire, { subject, payload }: Pub): void {
    const message = this.#messages.of(subject, payload);
    wire.serverReceived++;
    message.wire = wire.number;
    const groups = new Map<string, Subscription[]>();
    for (const one of this.#subscriptions) {
      if (one.wire.isLeaving || (one.wire === wire && !wire.echo) || !matches(one.pattern, subject)) continue;
      if (one.queue !== undefined) groups.set(one.queue, [...(groups.get(one.queue) ?? []), one]);
      else {
        this.#owed.push({ to: one, number: message.number });
        this.#count(one);
      }
    }
    for (const [queue, members] of groups) this.#shares.push({ queue, number: message.number, members, taken: false });
  }

  #count(one: Subscription): void {
    one.delivered++;
    if (one.max !== undefined && one.delivered >= one.max) this.#subscriptions.delete(one);
  }
}
