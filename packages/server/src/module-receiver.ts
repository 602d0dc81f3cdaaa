// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Permissions } from "./auth/permissions.ts";
import { Peer } from "./peer.ts";
import type { Publisher } from "./server-module.ts";
import type { Receiver, Subscription } from "./subscription.ts";

/** A module in one account: what the messages that it subscribed to are delivered to. */
export class ModuleReceiver implements Receiver {
  readonly subscriptions: Map<string, Subscription> = new Map();
  readonly permissions: Permissions = {};
  readonly echo = true;
  readonly closing = false;
  readonly isModule = true;
  readonly #received: (id: number, message: Pub, publisher: Publisher | undefined) => void;

  /** @param received passes a message to the module */
  constructor(received: (id: number, message: Pub, publisher: Publisher | undefined) => void) {
    this.#received = received;
  }

  deliver(message: Pub, sid: string, publisher: Receiver | undefined): void {
    this.#received(Number(sid), message, publisher instanceof Peer ? publisher : undefined);
  }
}
