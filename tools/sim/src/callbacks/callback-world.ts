// SPDX-License-Identifier: Apache-2.0
import { Random } from "../../../testkit/random.ts";
import { scheduleFaults } from "../faults.ts";
import { Broken, hold, type Law } from "../laws.ts";
import type { UnderTest } from "../load.ts";
import { Network } from "../network.ts";
import type { Rare } from "../rare.ts";
import type { Setup } from "../setup.ts";
import type { Trace } from "../trace.ts";
import { Participant } from "./participant.ts";
import { settled } from "./runtime.ts";

// Milliseconds with faults, without faults until all clients must be connected, and until all drains must end.
const FAULTS = 2500;
const CONNECT = 300;
const RECOVERY = 6000;
const DRAINS = 13_000;
// Milliseconds in which servers notice that connections were closed.
const CLOSES = 15_000;
const MOST_PARTICIPANTS = 6;

/** Reports that a law does not hold. What is thrown in a callback would not end the run. */
export type Fail = (law: Law, detail: string) => void;

/** A run of clients with async callbacks, which drain their connections and subscriptions. */
export class CallbackWorld extends Network<Participant> {
  readonly connectWith: UnderTest["connectWith"];
  /** Faults occur at some time of the run. */
  readonly isDisturbed: boolean;
  /** The reply to each request: the number of its message by that of the request. */
  readonly answers: Map<number, number> = new Map();
  /** The number of promises of programs that have not settled. */
  pending = 0;
  #broken: unknown;

  constructor(seed: number, under: UnderTest, trace: Trace, seen: Set<Rare>) {
    // Not the numbers of the other run with this seed.
    const random = new Random(~seed);
    const isDisturbed = random.once(2);
    super(under, trace, random, drawServers(random, isDisturbed), seen);
    this.isDisturbed = this.hasFaults = isDisturbed;
    this.connectWith = under.connectWith;
    under.runtime.use(this, (error) => this.#onUncaught(error));
  }

  readonly fail: Fail = (law, detail) => {
    this.#broken ??= new Broken(law, detail);
  };

  /** Ends the run: a program has thrown. */
  readonly crash = (error: unknown): void => {
    this.#broken ??= error;
  };

  /** Whether programs still begin things. */
  isActive = true;

  /** Resolves after this many milliseconds. */
  sleep(time: number): Promise<void> {
    return new Promise((resolve) => this.schedule.at(this.now + time, resolve));
  }

  /** Adds a client that lives from now on. The first one answers requests. */
  add(): void {
    if (this.clients.length >= MOST_PARTICIPANTS) return;
    const participant = new Participant(this, `d${this.clients.length + 1}`, this.clients.length === 0);
    this.clients.push(participant);
    participant.begin();
  }

  /** Runs with or without faults, then drains all connections. */
  async run(): Promise<void> {
    this.note(`* callbacks, ${this.isDisturbed ? "with" : "without"} faults`);
    for (const host of this.hosts) host.start();
    this.add();
    await this.#pass(CONNECT);
    for (let left = 1 + this.random.below(2); left > 0; left--)
      this.schedule.at(this.now + this.random.below(300), () => this.add());
    if (this.isDisturbed) scheduleFaults(this);
    await this.#pass(FAULTS);
    this.isActive = false;
    this.stopFaults();
    // After faults some connections are dead, and not yet known to be.
    await this.#pass(RECOVERY, () => !this.isDisturbed && this.pending === 0);
    const [service, ...others] = this.clients;
    for (const one of others) one.drainFinally();
    await this.#pass(DRAINS, () => this.pending === 0);
    service!.drainFinally();
    await this.#pass(DRAINS, () => this.pending === 0);
    hold("settled", this.pending === 0, () => `${this.pending} promises have not settled`);
    await this.#pass(CLOSES);
    for (const client of this.clients) client.checkEnd();
    this.checkServers();
  }

  /** Lets time pass, or less if `isDone` says so. */
  async #pass(time: number, isDone = (): boolean => false): Promise<void> {
    let isOver = false;
    this.schedule.at(this.now + time, () => {
      isOver = true;
    });
    while (!isOver && !isDone()) {
      this.step();
      await settled();
      for (const client of this.clients) client.check();
      if (this.#broken !== undefined) throw this.#broken;
    }
  }

  #onUncaught(error: unknown): void {
    this.fail("rejected", `uncaught: ${error}`);
  }
}

function drawServers(random: Random, isDisturbed: boolean): Omit<Setup, "sessions"> {
  const servers = Array.from({ length: isDisturbed ? random.pick([1, 2]) : 1 }, () => ({
    compat: random.pick(["2.9", "2.14"] as const),
    pingInterval: 2000,
  }));
  return { tls: undefined, isAuthorized: false, maxPayload: 1_048_576, servers };
}
