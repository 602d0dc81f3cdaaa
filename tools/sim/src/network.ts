// SPDX-License-Identifier: Apache-2.0
import type { ServerCore } from "@natswire/server";
import type { Session } from "@natswire/session";
import type { Random } from "../../testkit/random.ts";
import { Host } from "./host.ts";
import { hold } from "./laws.ts";
import { Messages } from "./messages.ts";
import type { Rare } from "./rare.ts";
import { Schedule } from "./schedule.ts";
import type { Setup } from "./setup.ts";
import type { Trace } from "./trace.ts";
import type { WireClient } from "./wire.ts";

const STEP_LIMIT = 100_000;

/** The two machines under test. */
export interface Machines {
  readonly ServerCore: typeof ServerCore;
  readonly Session: typeof Session;
}

/** What waits for a time. */
interface Timed {
  readonly deadline: number | undefined;
  elapsed(): void;
}

/** What every run has: one clock, one random source, servers, and the connections of clients to them. */
export class Network<C extends WireClient = WireClient> {
  readonly under: Machines;
  readonly random: Random;
  readonly trace: Trace;
  readonly schedule: Schedule = new Schedule();
  readonly messages: Messages = new Messages();
  readonly seen: Set<Rare>;
  readonly setup: Omit<Setup, "sessions">;
  readonly hosts: readonly Host[];
  /** A server that never listens. */
  readonly unreachable: Host;
  readonly clients: C[] = [];
  /** What has deadlines. The first of those with the same deadline comes first. */
  readonly timed: Timed[];
  now = 0;
  lastJump = 0;
  steps = 0;
  hasFaults = true;
  #wires = 0;

  constructor(under: Machines, trace: Trace, random: Random, setup: Omit<Setup, "sessions">, seen: Set<Rare>) {
    this.under = under;
    this.random = random;
    this.trace = trace;
    this.setup = setup;
    this.seen = seen;
    this.unreachable = new Host(this, "s0", "127.0.0.9:4222", {});
    this.hosts = setup.servers.map((config, i) => new Host(this, `s${i + 1}`, `127.0.0.${i + 1}:4222`, config));
    this.timed = [...this.hosts];
  }

  readonly saw = (state: Rare): void => void this.seen.add(state);

  readonly bytes = (into: Uint8Array): void => {
    for (let i = 0; i < into.length; i++) into[i] = this.random.below(256);
  };

  note(line: string): void {
    this.trace.note(this.now, line);
  }

  nextWire(): number {
    return ++this.#wires;
  }

  /** Returns the time that is passed to a machine. Sometimes it is up to 60 ms old. */
  reportedTime(): number {
    return this.hasFaults && this.random.once(30) ? Math.max(0, this.now - this.random.below(60)) : this.now;
  }

  /** Jumps ahead, as if the computer had slept. */
  jump(time: number): void {
    const next = Math.min(...this.clients.map(({ deadline }) => deadline ?? Number.POSITIVE_INFINITY));
    if (next < this.now + time) this.saw("jump");
    this.now += time;
    this.lastJump = this.now;
    this.note(`* the clock jumps by ${time} ms`);
  }

  /** Ends all faults: servers run, and connections that stalled continue. */
  stopFaults(): void {
    this.note("* no more faults");
    this.hasFaults = false;
    for (const host of this.hosts) {
      host.refuses = host.hasExpired = host.isBusy = host.withholdsPongs = false;
      if (host.isLeaving) host.stop();
      if (host.core === undefined) host.start();
    }
    for (const { wire } of this.clients) {
      if (wire !== undefined) wire.toServer.stalledUntil = wire.toClient.stalledUntil = 0;
      wire?.toServer.resume();
      wire?.toClient.resume();
    }
  }

  /** Checks that the servers have no connection left. */
  checkServers(): void {
    for (const { name, core, deadline } of this.hosts) {
      const { connections, subscriptions } = core!.stats;
      const detail = (): string =>
        `${name} has ${connections} connections, ${subscriptions} subscriptions, the deadline ${deadline}`;
      hold("cleanup", connections + subscriptions === 0 && deadline === undefined, detail);
    }
  }

  /** Does what is due next. */
  step(): void {
    let at = this.schedule.next ?? Number.POSITIVE_INFINITY;
    let due: Timed | undefined;
    for (const one of this.timed) {
      const { deadline } = one;
      if (deadline === undefined || deadline >= at) continue;
      at = deadline;
      due = one;
    }
    this.now = Math.max(this.now, at);
    this.steps++;
    hold("busy", this.steps < STEP_LIMIT, () => `${this.steps} steps without an end`);
    if (due === undefined) this.schedule.take()();
    else due.elapsed();
  }
}
