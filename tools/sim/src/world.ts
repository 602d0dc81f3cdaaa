// SPDX-License-Identifier: Apache-2.0
import type { ServerCore } from "@natswire/server";
import type { Session } from "@natswire/session";
import { Random } from "../../testkit/random.ts";
import { Client } from "./client.ts";
import { injectFault } from "./faults.ts";
import { Host } from "./host.ts";
import { hold } from "./laws.ts";
import { Messages } from "./messages.ts";
import type { Rare } from "./rare.ts";
import { Schedule } from "./schedule.ts";
import { changedOptions, drawSetup, type Setup } from "./setup.ts";
import type { Trace } from "./trace.ts";

/** The two machines under test. */
export interface UnderTest {
  readonly ServerCore: typeof ServerCore;
  readonly Session: typeof Session;
}

// Milliseconds with faults, and milliseconds without in which all sessions must recover.
const FAULTS = 12_000;
const RECOVERY = 30_000;
const STEP_LIMIT = 100_000;
/** A name that has the addresses of all servers. */
const CLUSTER = "cluster.test:4222";

/** A run: one clock, one random source, servers, sessions and the connections between them. */
export class World {
  readonly under: UnderTest;
  readonly random: Random;
  readonly trace: Trace;
  readonly schedule: Schedule = new Schedule();
  readonly messages: Messages = new Messages();
  readonly seen: Set<Rare> = new Set();
  readonly setup: Setup;
  readonly hosts: readonly Host[];
  /** A server that never listens. */
  readonly unreachable: Host;
  readonly clients: Client[] = [];
  now = 0;
  lastJump = 0;
  steps = 0;
  hasFaults = true;
  #wires = 0;

  constructor(seed: number, under: UnderTest, trace: Trace) {
    this.under = under;
    this.random = new Random(seed);
    this.trace = trace;
    this.setup = drawSetup(this.random);
    this.unreachable = new Host(this, "s0", "127.0.0.9:4222", {});
    this.hosts = this.setup.servers.map((config, i) => new Host(this, `s${i + 1}`, `127.0.0.${i + 1}:4222`, config));
  }

  /** Returns the addresses of the cluster's name at this moment: some, all, or one that cannot be reached as well. */
  resolve(): string[] {
    const { random, hasFaults } = this;
    const hosts = this.hosts.filter(() => !hasFaults || !random.once(4));
    const all = hosts.length === 0 ? this.hosts : hosts;
    return [...all, ...(random.once(3) ? [this.unreachable] : [])].map(({ address }) => address.replace(/:.*/, ""));
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
    const next = Math.min(...this.clients.map(({ session }) => session.deadline ?? Number.POSITIVE_INFINITY));
    if (next < this.now + time) this.saw("jump");
    this.now += time;
    this.lastJump = this.now;
    this.note(`* the clock jumps by ${time} ms`);
  }

  /** Runs with faults, then without, then closes all sessions. */
  run(): void {
    for (const host of this.hosts) if (!this.random.once(6)) host.start();
    for (const { config, servers: numbers } of this.setup.sessions) {
      const hosts = numbers.map((number) => this.hosts[number - 1] ?? this.unreachable);
      const name = `c${this.clients.length + 1}`;
      const servers = config.canResolve ? [CLUSTER] : hosts.map(({ address }) => address);
      this.note(`${name} uses ${servers.join(" ")}: ${JSON.stringify(changedOptions(config))}`);
      const client = new Client(this, name, { ...config, random: this.bytes, servers }, servers);
      this.clients.push(client);
      this.schedule.at(this.random.below(300), client.program.act);
    }
    const gap = this.random.pick([100, 300, 1000, 4000]);
    const fault = (): void => {
      if (!this.hasFaults) return;
      injectFault(this);
      this.schedule.at(this.now + this.random.below(2 * gap), fault);
    };
    this.schedule.at(this.random.below(gap), fault);
    // The end is scheduled, because the clock may jump.
    const end = (): void => {
      this.hasFaults = false;
    };
    this.schedule.at(FAULTS, end);
    while (this.hasFaults) this.#step();
    this.#stopFaults();
    this.#pass(RECOVERY);
    this.#checkRecovery();
    this.#close();
  }

  #stopFaults(): void {
    this.note("* no more faults");
    for (const host of this.hosts) {
      host.refuses = host.hasExpired = host.isBusy = host.withholdsPongs = false;
      if (host.isLeaving) host.stop();
      if (host.core === undefined) host.start();
    }
    for (const { wire, program, isClosed } of this.clients) {
      if (wire !== undefined) wire.toServer.stalledUntil = wire.toClient.stalledUntil = 0;
      wire?.toServer.resume();
      wire?.toClient.resume();
      if (!isClosed) program.keepUp();
    }
  }

  /** Checks that all sessions are connected and receive from each other. */
  #checkRecovery(): void {
    // A session whose only server never listens keeps trying.
    const addresses = [CLUSTER, ...this.hosts.map(({ address }) => address)];
    const living = this.clients.filter(({ isClosed, pool }) => !isClosed && pool.hasAny(addresses));
    const sids = new Map(living.map((client) => [client, client.program.subscribeFresh()]));
    for (const client of living) {
      hold("connected", client.isAlive, () => `${client.name} is not connected to a working server`);
      hold("reading", client.wire?.toClient.isPaused === false, () => `${client.name} is paused`);
      client.program.publisher.flush();
      client.pump();
    }
    this.#pass(1000);
    for (const client of living) {
      const subject = client.program.publishFresh();
      client.program.publisher.flush();
      client.pump();
      this.#pass(1000);
      for (const other of living) {
        const isFor = other.wire?.host === client.wire?.host && !(other === client && client.config.noEcho);
        const count = other.program.fresh.filter((one) => one === `${subject} ${sids.get(other)}`).length;
        hold("fresh", count === (isFor ? 1 : 0), () => `${other.name} received ${count} messages of ${client.name}`);
      }
      const { inFlight, buffered } = client.session.stats;
      hold(
        "fresh",
        inFlight + buffered === 0,
        () => `${client.name} has ${inFlight} messages in flight, ${buffered} buffered`,
      );
      for (const { sid, dropped, reportedDropped, isSlow } of client.subscriber.live) {
        hold(
          "counted",
          dropped === reportedDropped || isSlow,
          () => `sid ${sid} reported ${reportedDropped} dropped, not ${dropped}`,
        );
      }
      hold("ready", !client.session.isFull, () => `${client.name} did not emit it`);
      hold("answered", client.pending.size === 0, () => `${client.pending.size} operations of ${client.name}`);
    }
  }

  #close(): void {
    for (const client of this.clients) {
      if (client.isClosed) continue;
      if (this.random.once(2)) {
        client.program.drain();
        client.pump();
        this.#pass(500);
      }
      client.program.close();
    }
    this.#pass(60_000);
    for (const { name, isClosed, session, pending, subscriber } of this.clients) {
      hold("cleanup", isClosed && session.deadline === undefined, () => `${name} has the deadline ${session.deadline}`);
      hold(
        "cleanup",
        session.transmit() === undefined && session.poll() === undefined,
        () => `${name} has more output`,
      );
      const { inFlight, buffered } = session.stats;
      hold("cleanup", buffered === 0, () => `${name} has ${inFlight} messages in flight, ${buffered} buffered`);
      hold("answered", pending.size === 0, () => `${pending.size} operations of ${name}`);
      const open = [...subscriber.subscriptions.values()].filter(({ hasEndEvent }) => !hasEndEvent);
      hold(
        "ended",
        open.length === 0,
        () => `${name} did not report the end of ${open.map(({ sid }) => sid).join(", ")}`,
      );
    }
    for (const { name, core } of this.hosts) {
      const { connections, subscriptions } = core!.stats;
      const { deadline } = core!;
      const detail = (): string =>
        `${name} has ${connections} connections, ${subscriptions} subscriptions, the deadline ${deadline}`;
      hold("cleanup", connections + subscriptions === 0 && deadline === undefined, detail);
    }
  }

  #pass(time: number): void {
    let isOver = false;
    this.schedule.at(this.now + time, () => {
      isOver = true;
    });
    while (!isOver) this.#step();
  }

  /** Does what is due next. */
  #step(): void {
    let at = this.schedule.next ?? Number.POSITIVE_INFINITY;
    let act = (): void => this.schedule.take()();
    for (const client of this.clients) {
      const { deadline } = client.session;
      if (deadline === undefined || deadline >= at) continue;
      at = deadline;
      act = () => client.elapsed();
    }
    for (const host of this.hosts) {
      const deadline = host.core?.deadline;
      if (deadline === undefined || deadline >= at) continue;
      at = deadline;
      act = () => host.elapsed();
    }
    this.now = Math.max(this.now, at);
    this.steps++;
    hold("busy", this.steps < STEP_LIMIT, () => `${this.steps} steps without an end`);
    act();
    for (const client of this.clients) client.check();
  }
}
