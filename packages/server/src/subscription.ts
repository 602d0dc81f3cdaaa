// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Permissions } from "./auth/permissions.ts";
import type { SubscriptionInfo } from "./outputs.ts";

/** What messages are delivered to: a peer, the host program, or a module in one account. */
export interface Receiver {
  readonly subscriptions: Map<string, Subscription>;
  readonly permissions: Permissions;
  /** Whether it receives messages that it published itself. */
  readonly echo: boolean;
  /** Whether nothing more is delivered to it. */
  readonly closing: boolean;
  /** Whether it is a module: its subscriptions, and what is delivered to it, are not counted. */
  readonly isModule: boolean;
  /**
   * Delivers a message to its subscription with this sid.
   *
   * @param publisher `undefined` for modules
   */
  deliver(message: Pub, sid: string, publisher: Receiver | undefined): void;
}

/** One subscription of one receiver. */
export interface Subscription {
  readonly receiver: Receiver;
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly sid: string;
  /** Deliveries since its SUB: UNSUB's `max` counts from there. */
  delivered: number;
  /** After how many deliveries it ends; `undefined` for no limit. */
  max: number | undefined;
  /** Whether it overlaps denied subjects, so that each message must be checked. */
  readonly filtered: boolean;
}

/** Returns a description of a receiver's subscriptions for the host program. */
export function describeSubscriptions({ subscriptions }: Receiver): SubscriptionInfo[] {
  return Array.from(subscriptions.values(), ({ pattern: subject, queue, sid, delivered, max }) => {
    return { subject, queue, sid, delivered, max };
  });
}

/** Returns the bytes of a message: its headers and its payload. */
export function sizeOf(headers: Uint8Array | undefined, payload: Uint8Array): number {
  return payload.length + (headers === undefined ? 0 : headers.length);
}
