// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, matches, type Pub, type ServerFrame } from "@natswire/codec";
import { hold } from "./laws.ts";
import type { Ledger } from "./ledger.ts";
import type { Wire } from "./wire.ts";

interface Subscription {
  readonly wire: Wire;
  readonly sid: string;
  readonly pattern: string;
  readonly queue: string | undefined;
  delivered: number;
  max: number | undefined;
}

/** One message that one member of a group is to get. */
interface Share {
  readonly queue: string;
  readonly number: number;
  readonly members: readonly Subscription[];
  taken: boolean;
}

/** What one server owes to whom: told what it read and what it said, it finds what it did not say. */
export class Delivery {
  readonly #ledger: Ledger;
  readonly #subscriptions = new Set<Subscription>();
  #owed: { readonly to: Subscription; readonly number: number }[] = [];
  #shares: Share[] = [];
  /** Sessions that had a share of a queue group's messages. */
  readonly shared = new Map<string, Set<string>>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** @param taken messages the server took of these frames: where it hung up among them, not all */
  read(wire: Wire, frames: readonly ClientFrame[], taken: number, denied: (subject: string) => boolean): void {
    let left = taken;
    for (const frame of frames) {
      if (frame.op === "connect") wire.echo = frame.options.echo !== false;
      else if (frame.op === "sub") this.#subscribe(wire, frame.subject, frame.queue, frame.sid);
      else if (frame.op === "unsub") this.#limit(wire, frame.sid, frame.max);
      else if (frame.op === "pub") {
        if (denied(frame.subject)) wire.read++;
        else if (left-- > 0) this.#publish(wire, frame);
      }
    }
  }

  said(wire: Wire, frame: ServerFrame): void {
    if (frame.op !== "msg") return;
    const sid = String(frame.sid);
    // A status of the server's own.
    if (frame.payload.length === 0 && frame.headers !== undefined) return;
    const { number } = this.#ledger.of(frame.subject, frame.payload);
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

  /** All that was owed has been said, but to those who are being hung up on. */
  settle(): void {
    for (const { to, number } of this.#owed) {
      hold("relay", to.wire.isLeaving, () => `#${number} was not sent to sid ${to.sid} of ${to.wire.client.name}`);
    }
    for (const { taken, members, queue, number } of this.#shares) {
      // Which one gets it is the server's choice, and may be the last it gets.
      const isSure = members.every(({ wire, max }) => !wire.isLeaving && max === undefined);
      hold("relay", taken || !isSure, () => `#${number} was not sent to anybody of group ${queue}`);
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
    const message = this.#ledger.of(subject, payload);
    wire.read++;
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
