// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Permissions } from "./auth/permissions.ts";

/** Who messages can be delivered to: a peer, or the program the server runs in. */
export interface Receiver {
  readonly subscriptions: Map<string, Subscription>;
  readonly permissions: Permissions;
  /** Whether it gets what it published itself. */
  readonly echo: boolean;
  /** Nothing is delivered any more. */
  readonly closing: boolean;
  deliver(message: Pub, sid: string): void;
}

/** One subscription of one receiver. */
export interface Subscription {
  readonly receiver: Receiver;
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly sid: string;
  /** Deliveries since its SUB; UNSUB's max counts from there. */
  delivered: number;
  max: number | undefined;
  /** It overlaps what its receiver must not get: each message is looked at. */
  readonly filtered: boolean;
}
