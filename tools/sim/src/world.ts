// SPDX-License-Identifier: Apache-2.0
import { Random } from "../../testkit/random.ts";
import { Client } from "./client.ts";
import { scheduleFaults } from "./faults.ts";
import { hold } from "./laws.ts";
import { type Machines, Network } from "./network.ts";
import type { Rare } from "./rare.ts";
import { changedOptions, drawSetup, type Setup } from "./setup.ts";
import type { Trace } from "./trace.ts";

// Milliseconds with faults, and milliseconds without in which all sessions must recover.
const FAULTS = 12_000;
const RECOVERY = 30_000;
/** A name that has the addresses of all servers. */
const CLUSTER = "cluster.test:4222";

/** A run: one clock, one random source, servers, sessions and the connections between them. */
export class World extends Network<Client> {
  readonly #setup: Setup;

  constructor(seed: number, under: Machines, trace: Trace, seen: Set<Rare>) {
    const random = new Random(seed);
    const setup = drawSetup(random);
    super(under, trace, random, setup, seen);
    this.#setup = setup;
  }

  /** Returns the addresses of the cluster's name at this moment: some, all, or one that cannot be reached as well. */
  resolve(): string[] {
    const { random, hasFaults } = this;
    const hosts = this.hosts.filter(() => !hasFaults || !random.once(4));
    const all = hosts.length === 0 ? this.hosts : hosts;
    return [...all, ...(random.once(3) ? [this.unreachable] : [])].map(({ address }) => address.replace(/:.*/, ""));
  }

  /** Runs with faults, then without, then closes all sessions. */
  run(): void {
    for (const host of this.hosts) if (!this.random.once(6)) host.start();
    for (const { config, servers: numbers } of this.#setup.sessions) {
      const hosts = numbers.map((number) => this.hosts[number - 1] ?? this.unreachable);
      const name = `c${this.clients.length + 1}`;
      const servers = config.canResolve ? [CLUSTER] : hosts.map(({ address }) => address);
      this.note(`${name} uses ${servers.join(" ")}: ${JSON.stringify(changedOptions(config))}`);
      const client = new Client(this, name, { ...config, random: this.bytes, servers }, servers);
      this.clients.push(client);
      this.timed.splice(this.clients.length - 1, 0, client);
      this.schedule.at(this.random.below(300), client.program.act);
    }
    scheduleFaults(this);
    // The end is scheduled, because the clock may jump.
    const end = (): void => {
      this.hasFaults = false;
    };
    this.schedule.at(FAULTS, end);
    while (this.hasFaults) this.#step();
    this.stopFaults();
    for (const { program, isClosed } of this.clients) if (!isClosed) program.keepUp();
    this.#pass(RECOVERY);
    this.#checkRecovery();
    this.#close();
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
    this.checkServers();
  }

  #pass(time: number): void {
    let isOver = false;
    this.schedule.at(this.now + time, () => {
      isOver = true;
    });
    while (!isOver) this.#step();
  }

  #step(): void {
    this.step();
    for (const client of this.clients) client.check();
  }
}
