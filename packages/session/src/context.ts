// SPDX-License-Identifier: Apache-2.0
import type { Millis, SessionConfig } from "./config.ts";
import type { Link } from "./link.ts";
import type { Action, Event, Reason } from "./outputs.ts";
import type { Phase } from "./phases.ts";
import { Queue } from "./queue.ts";

/** What the parts of a session share. Only the session changes it. */
export interface SessionContext {
  readonly config: SessionConfig;
  /** The current connection, or the attempt at one. After `close` it is the one that is still written to. */
  readonly link: Link | undefined;
  /** The current connection, if the handshake is complete and the session is not closed. */
  readonly readyLink: Link | undefined;
  readonly phase: Phase;
  /** The latest time that the session was given. */
  readonly now: Millis;
  /** Appends an output for `poll`. */
  emit(output: Action | Event): void;
  /** Ends the current connection. The session reconnects, or closes. Does nothing without a connection. */
  fail(reason: Reason, detail: string): void;
}

/** The context as the session sees it. */
export class SessionState implements SessionContext {
  readonly config: SessionConfig;
  link: Link | undefined;
  now: Millis;
  isClosed = false;
  /** Outputs that `poll` has not returned yet. */
  readonly outputs: Queue<Action | Event> = new Queue();
  readonly fail: (reason: Reason, detail: string) => void;

  constructor(config: SessionConfig, now: Millis, fail: (reason: Reason, detail: string) => void) {
    this.config = config;
    this.now = now;
    this.fail = fail;
  }

  get readyLink(): Link | undefined {
    return !this.isClosed && this.link?.phase === "ready" ? this.link : undefined;
  }

  get phase(): Phase {
    return this.isClosed ? "closed" : (this.link?.phase ?? "waiting");
  }

  emit(output: Action | Event): void {
    this.outputs.push(output);
  }
}
