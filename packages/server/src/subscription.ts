// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Permissions } from "./auth/permissions.ts";

/** What messages are delivered to: a peer, or the host program. */
export interface Receiver {
  readonly subscriptions: Map<string, Subscription>;
  readonly permissions: Permissions;
  /** Whether it receives messages that it published itself. */
  readonly echo: boolean;
  /** Whether nothing more is delivered to it. */
  readonly closing: boolean;
  /** Delivers a message to its subscription with this sid. */
  deliver(message: Pub, sid: string): void;
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
