// SPDX-License-Identifier: Apache-2.0
import type { ServerCore } from "@natswire/server";
import type { Session } from "@natswire/session";
import { Random } from "../../testkit/random.ts";
import { Agenda } from "./agenda.ts";
import { Client } from "./client.ts";
import { befall } from "./faults.ts";
import { Host } from "./host.ts";
import { hold } from "./laws.ts";
import { Ledger } from "./ledger.ts";
import type { Rare } from "./rare.ts";
import { drawn, type Scene, unusual } from "./scene.ts";
import type { Trace } from "./trace.ts";

/** The two machines that are held to the laws. */
export interface UnderTest {
  readonly ServerCore: typeof ServerCore;
  readonly Session: typeof Session;
}

// How long everything may go wrong, and how long everybody then has to come back.
const TROUBLE = 12_000;
const PEACE = 30_000;
const MOST_STEPS = 100_000;

/** All there is: one clock, one source of chance, servers, sessions and what lies between them. */
export class World {
  readonly under: UnderTest;
  readonly random: Random;
  readonly trace: Trace;
  readonly agenda: Agenda = new Agenda();
  readonly ledger: Ledger = new Ledger();
  readonly seen: Set<Rare> = new Set();
  readonly scene: Scene;
  readonly hosts: readonly Host[];
  /** Where nobody ever listens. */
  readonly ghost: Host;
  readonly clients: Client[] = [];
  now = 0;
  lastJump = 0;
  steps = 0;
  isTroubled = true;
  #wires = 0;

  constructor(seed: number, under: UnderTest, trace: Trace) {
    this.under = under;
    this.random = new Random(seed);
    this.trace = trace;
    this.scene = drawn(this.random);
    this.ghost = new Host(this, "nobody", "127.0.0.1:4222", {});
    this.hosts = this.scene.servers.map((config, i) => new Host(this, `s${i + 1}`, `127.0.0.1:${4223 + i}`, config));
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

  /** The time as a machine is told it: now and then one that is over. */
  told(): number {
    return this.isTroubled && this.random.once(30) ? Math.max(0, this.now - this.random.below(60)) : this.now;
  }

  /** The machine slept: all of a sudden it is later. */
  jump(time: number): void {
    const next = Math.min(...this.clients.map(({ session }) => session.deadline ?? Number.POSITIVE_INFINITY));
    if (next < this.now + time) this.saw("jump");
    this.now += time;
    this.lastJump = this.now;
    this.note(`* the clock jumps by ${time} ms`);
  }

  /** Trouble, then peace, then the end. */
  run(): void {
    for (const host of this.hosts) if (!this.random.once(6)) host.start();
    for (const { config, servers } of this.scene.sessions) {
      const hosts = servers.map((number) => this.hosts[number - 1] ?? this.ghost);
      const name = `c${this.clients.length + 1}`;
      const all = { ...config, random: this.bytes, servers: hosts.map(({ url }) => url) };
      this.note(`${name} knows ${hosts.map((host) => host.name).join(" ")}: ${JSON.stringify(unusual(config))}`);
      const client = new Client(
        this,
        name,
        all,
        hosts.map(({ address }) => address),
      );
      this.clients.push(client);
      this.agenda.at(this.random.below(300), client.program.play);
    }
    const gap = this.random.pick([100, 300, 1000, 4000]);
    const trouble = (): void => {
      if (!this.isTroubled) return;
      befall(this);
      this.agenda.at(this.now + this.random.below(2 * gap), trouble);
    };
    this.agenda.at(this.random.below(gap), trouble);
    // The clock may jump: so much happens in between.
    const end = (): void => {
      this.isTroubled = false;
    };
    this.agenda.at(TROUBLE, end);
    while (this.isTroubled) this.#step();
    this.#makePeace();
    this.#pass(PEACE);
    this.#examine();
    this.#close();
  }

  #makePeace(): void {
    this.note("* all trouble is over");
    for (const host of this.hosts) {
      host.refuses = host.withholdsPongs = false;
      if (host.isLeaving) host.stop();
      if (host.core === undefined) host.start();
    }
    for (const { wire, program, isClosed } of this.clients) {
      if (wire !== undefined) wire.up.stalledUntil = wire.down.stalledUntil = 0;
      wire?.up.resume();
      wire?.down.resume();
      if (!isClosed) program.keepUp();
    }
  }

  /** Everybody is connected and hears everybody. */
  #examine(): void {
    // One that only a server may be gone to that never listens goes on trying.
    const addresses = this.hosts.map(({ address }) => address);
    const living = this.clients.filter(({ isClosed, pool }) => !isClosed && pool.hasAny(addresses));
    const sids = new Map(living.map((client) => [client, client.program.subscribeFresh()]));
    for (const client of living) {
      hold("alive", client.isAlive, () => `${client.name} is connected to nobody who hears it`);
      hold("reading", client.wire?.down.isPaused === false, () => `${client.name} reads nothing`);
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
        const heard = other.program.fresh.filter((one) => one === `${subject} ${sids.get(other)}`).length;
        hold("fresh", heard === (isFor ? 1 : 0), () => `${other.name} heard ${heard} of ${client.name}`);
      }
      const { inFlight, buffered } = client.session.stats;
      hold("fresh", inFlight + buffered === 0, () => `${client.name} has ${inFlight} and ${buffered} under way`);
      for (const { sid, dropped, toldDropped, isSlow } of client.subscriber.live) {
        hold("counted", dropped === toldDropped || isSlow, () => `sid ${sid} told of ${toldDropped}, not ${dropped}`);
      }
      hold("ready", !client.session.isFull, () => `${client.name} was not told`);
      hold("answered", client.questions.size === 0, () => `${client.questions.size} questions of ${client.name}`);
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
    for (const { name, isClosed, session, questions, subscriber } of this.clients) {
      hold("rest", isClosed && session.deadline === undefined, () => `${name} waits for ${session.deadline}`);
      hold("rest", session.transmit() === undefined && session.poll() === undefined, () => `${name} has more to say`);
      const { inFlight, buffered } = session.stats;
      hold("rest", buffered === 0, () => `${name} has ${inFlight} messages under way, ${buffered} waiting`);
      hold("answered", questions.size === 0, () => `${questions.size} questions of ${name}`);
      const open = [...subscriber.subscriptions.values()].filter(({ isToldOver }) => !isToldOver);
      hold("ended", open.length === 0, () => `${name} was not told of ${open.map(({ sid }) => sid).join(", ")}`);
    }
    for (const { name, core } of this.hosts) {
      const { connections, subscriptions } = core!.stats;
      const { deadline } = core!;
      const shown = (): string =>
        `${name} has ${connections} peers, ${subscriptions} subscriptions, waits for ${deadline}`;
      hold("rest", connections + subscriptions === 0 && deadline === undefined, shown);
    }
  }

  #pass(time: number): void {
    let isOver = false;
    this.agenda.at(this.now + time, () => {
      isOver = true;
    });
    while (!isOver) this.#step();
  }

  /** The next thing that is due. */
  #step(): void {
    let at = this.agenda.next ?? Number.POSITIVE_INFINITY;
    let act = (): void => this.agenda.take()();
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
    hold("busy", this.steps < MOST_STEPS, () => `${this.steps} steps, and no end`);
    act();
    for (const client of this.clients) client.check();
  }
}
