// SPDX-License-Identifier: Apache-2.0
import type { Pub } from "@natswire/codec";
import type { Permissions } from "./auth/permissions.ts";
import type { Millis } from "./config.ts";
import type { CompleteInfo, ConnectionId } from "./outputs.ts";

/**
 * Something that lives inside a server and takes part in its accounts, like a client without a connection: JetStream, for example.
 *
 * It is a state machine without IO, like the server. Inputs are methods: `started`, `received`, `interestChanged`, `resumed`,
 * `elapsed`. Outputs are pulled: `poll`, `deadline`. It reads the state of the server from the host that `started` passes. What is
 * optional is for modules that need it.
 *
 * **Order.** An input only changes the module. The server performs what `poll` returns after the message in hand has been
 * delivered to all of its receivers, and before it reads the next frame: the answer to a publish is sent before the next message of
 * the same connection is read. What the actions lead to (a module may receive what a module publishes) is performed before
 * the server goes on, too.
 *
 * **Bytes.** Headers and payload of a message that is received are lent: copy what is kept. Those of a message that is published
 * must not change any more.
 */
export interface ServerModule {
  /** What INFO says because of this module. Read once. */
  readonly info?: ModuleInfo | undefined;
  /** When to call `elapsed`; `undefined` if nothing is scheduled. */
  readonly deadline?: Millis | undefined;
  /** The server has been created. Called once, before every other method. The time is not known yet. */
  started(host: ModuleHost): void;
  /**
   * A message was published that matches a subscription of the module. Called once for each of them that matches.
   *
   * @param subscription the id in the `subscribe` action
   * @param account in which the message was published
   * @param publisher `undefined` for the host program and for modules
   */
  received(subscription: number, account: string, message: Pub, publisher: Publisher | undefined): void;
  /** A subject that is watched got its first subscription, or lost its last one. Those of modules do not count. */
  interestChanged?(account: string, subject: string, exists: boolean, queue: string | undefined): void;
  /** A receiver for which `isLagging` was true has caught up, or is gone. */
  resumed?(): void;
  /** The time of `deadline` has come. */
  elapsed?(): void;
  /** Returns the next action to perform, or `undefined` if nothing is left to do. */
  poll(): ModuleAction | undefined;
}

/** The fields of INFO that a module sets. */
export type ModuleInfo = Partial<Pick<CompleteInfo, "version" | "jetstream" | "api_lvl" | "domain">>;

/** The server, as its modules see it: time, randomness, and who is subscribed. */
export interface ModuleHost {
  /** The id of the server. */
  readonly serverId: string;
  /** The name of the server. */
  readonly serverName: string;
  /** The time of the present input, on the server's monotonic clock. */
  readonly now: Millis;
  /** The time of the present input, in milliseconds since 1970; it may have a fraction. */
  readonly wall: Millis;
  /** The bytes of the largest message. */
  readonly maxPayload: number;
  /** Fills an array with cryptographically secure random bytes. */
  readonly random: (into: Uint8Array<ArrayBuffer>) => void;
  /** Returns whether a client or the host program would receive a message to a subject. */
  hasInterest(account: string, subject: string): boolean;
  /** Returns whether a client or the host program is subscribed to this very subject: in a queue group, or in none. */
  hasSubscriber(account: string, subject: string, queue: string | undefined): boolean;
  /** Returns whether one of the receivers of a subject lags: more than half of `maxPending` is pending for it. */
  isLagging(account: string, subject: string): boolean;
  /** Has the server call `poll` soon. For methods that the program calls; inputs do not need it. */
  wake(): void;
}

/** The client that published a message. */
export interface Publisher {
  readonly id: ConnectionId;
  readonly account: string;
  readonly user: string;
  /** What its user was granted; `undefined` for everything. */
  readonly granted: Permissions | undefined;
  /** INFO of its listener, without the fields that are about one client: a cluster has several names and ids. */
  readonly server: CompleteInfo;
}

/**
 * What `poll` of a module returns.
 *
 * - `subscribe`: `received` is called for messages that match `pattern`, in an account, or in every account if it is `undefined`.
 *   `id` is chosen by the module, and used once.
 * - `publish`: delivers a message to the receivers of its subject, or of `to`: they then see the message's own subject. It is not
 *   checked again, so the subject must be valid.
 * - `watch`: `interestChanged` is called for a subject without wildcards, at once if there is interest now, until `unwatch`. Only
 *   subscriptions to this very subject count: those of the queue group if there is one, otherwise those without a group.
 */
export type ModuleAction =
  | { readonly do: "subscribe"; readonly id: number; readonly account: string | undefined; readonly pattern: string }
  | { readonly do: "unsubscribe"; readonly id: number }
  | { readonly do: "publish"; readonly account: string; readonly message: Pub; readonly to?: string | undefined }
  | {
      readonly do: "watch" | "unwatch";
      readonly account: string;
      readonly subject: string;
      readonly queue?: string | undefined;
    };
