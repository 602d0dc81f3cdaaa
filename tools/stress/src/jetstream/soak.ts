// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { NatsConnection } from "@nats-io/nats-core";
import { toNatsConnection } from "@natswire/nats-js";
import { connect } from "@natswire/node";
import { Random } from "../../../testkit/random.ts";
import { Findings } from "../findings.ts";
import { type MemoryFigures, MemorySamples } from "../memory-samples.ts";
import { ConfirmingConsumer, LoopingConsumer } from "./consumers.ts";
import { type Disaster, strike } from "./disaster.ts";
import { KvWatcher, KvWriter } from "./key-value.ts";
import { Ledger } from "./ledger.ts";
import { Link } from "./link.ts";
import { Pending } from "./pending.ts";
import { EVERY, Publisher } from "./publisher.ts";
import { createStreams, DurableServer, differences, unacknowledged } from "./server.ts";
import { EchoService, Requester } from "./service.ts";
import type { Worker } from "./worker.ts";

const PUBLISHERS = 2;
// Milliseconds.
const SECOND = 1000;
/** Within this time, every client must work again after a disaster. */
const RECOVERY = 40_000;

/** All workers of a soak. */
interface Team {
  readonly looping: LoopingConsumer;
  readonly confirming: ConfirmingConsumer;
  readonly watcher: KvWatcher;
  readonly writer: KvWriter;
  readonly service: EchoService;
  readonly requester: Requester;
  readonly publishers: readonly Publisher[];
}

/** The results of a soak. */
export interface Summary extends MemoryFigures {
  readonly minutes: number;
  /** How often each disaster happened. */
  readonly disasters: Readonly<Record<Disaster, number>>;
  readonly reconnects: number;
  /** Messages whose publish was acknowledged, and publishes that failed and were tried again. */
  readonly published: number;
  readonly retried: number;
  /** Messages that the two consumers received, and those that they received again. */
  readonly delivered: number;
  readonly redelivered: number;
  /** Acknowledgements that the server confirmed, and messages that it delivered as new after that. */
  readonly confirmed: number;
  readonly repeated: number;
  readonly puts: number;
  readonly watched: number;
  readonly replies: number;
  readonly broken: readonly string[];
}

/**
 * Runs the official modules on clients of a real nats-server, while that is killed and connections break.
 *
 * @param quiet the longest time between two disasters in milliseconds
 */
export async function soakJetStream(minutes: number, seed: number, quiet = 6000): Promise<Summary> {
  const soak = new JetStreamSoak(minutes, seed, quiet);
  try {
    await soak.start();
    await soak.run();
    await soak.settle();
    return soak.summary;
  } finally {
    await soak.close();
  }
}

class JetStreamSoak {
  readonly #minutes: number;
  readonly #quiet: number;
  readonly #random: Random;
  readonly #findings = new Findings();
  readonly #pending = new Pending();
  readonly #ledger: Ledger;
  readonly #server = new DurableServer();
  readonly #links: Link[] = [];
  readonly #disasters: Record<Disaster, number> = { kill: 0, outage: 0, cut: 0, fault: 0 };
  readonly #began = performance.now();
  readonly #memory = new MemorySamples();
  readonly #timers: NodeJS.Timeout[] = [];
  #team: Team | undefined;

  constructor(minutes: number, seed: number, quiet: number) {
    this.#minutes = minutes;
    this.#quiet = quiet;
    this.#random = new Random(seed);
    this.#ledger = new Ledger((PUBLISHERS * (minutes + 5) * 60 * SECOND) / EVERY, this.#findings);
  }

  async start(): Promise<void> {
    await this.#server.start();
    await this.#directly(createStreams);
    const books = { findings: this.#findings, pending: this.#pending };
    const publisher = async (id: number): Promise<Publisher> =>
      new Publisher(id, await this.#link(), this.#ledger, books);
    this.#team = {
      looping: await new LoopingConsumer(await this.#link(), this.#ledger, books).start(),
      confirming: await new ConfirmingConsumer(await this.#link(), this.#ledger, books).start(),
      watcher: await new KvWatcher(await this.#link(), books).start(),
      writer: await new KvWriter(await this.#link(), books).start(),
      service: await new EchoService(await this.#link(), books).start(),
      requester: new Requester(await this.#link(), books),
      publishers: await Promise.all(Array.from({ length: PUBLISHERS }, (_, id) => publisher(id))),
    };
    this.#timers.push(setInterval(() => this.#inspect(), SECOND));
    this.#timers.push(setInterval(() => this.#printProgress(), 60 * SECOND));
  }

  /** Strikes until the time is over or something is broken. */
  async run(): Promise<void> {
    const end = performance.now() + this.#minutes * 60 * SECOND;
    const [random, server, ledger] = [this.#random, this.#server, this.#ledger];
    const proxies = this.#links.map(({ proxy }) => proxy);
    while (performance.now() < end && this.#findings.broken.length === 0) {
      await sleep(Math.min(end - performance.now(), random.below(this.#quiet)));
      const disaster = await strike({ random, server, proxies, ledger });
      this.#disasters[disaster]++;
      await this.#recovered(disaster);
    }
  }

  /** Ends all work, and compares what the clients have seen with what the server knows. */
  async settle(): Promise<void> {
    const { publishers, writer, watcher, looping, confirming, requester, service } = this.#team!;
    for (const publisher of publishers) await this.#stopped(publisher);
    await this.#stopped(writer);
    await this.#eventually(() => this.#ledger.missing);
    await this.#directly((nc) => this.#eventually(() => unacknowledged(nc)));
    await this.#directly((nc) => this.#eventually(() => differences(nc, writer.values, watcher.values)));
    for (const worker of [looping, confirming, watcher, requester, service]) await this.#stopped(worker);
    for (const what of this.#pending.overdue(0)) this.#findings.report(`${what} at the end`);
    this.#memory.stop();
    for (const what of this.#memory.broken) this.#findings.report(what);
  }

  get summary(): Summary {
    const { publishers, writer, watcher, requester } = this.#team!;
    return {
      minutes: this.#minutes,
      disasters: this.#disasters,
      reconnects: this.#links.reduce((total, { client }) => total + client.stats.reconnects, 0),
      ...this.#ledger.totals,
      retried: publishers.reduce((total, { failed }) => total + failed, 0),
      puts: writer.done,
      watched: watcher.done,
      replies: requester.done,
      ...this.#memory.figures,
      broken: this.#findings.broken,
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#memory.stop();
    for (const link of this.#links) await link.close();
    await this.#server.close();
  }

  async #link(): Promise<Link> {
    const link = await Link.open(this.#server.port);
    this.#links.push(link);
    return link;
  }

  /** Calls a function with a connection without a proxy. */
  async #directly(act: (nc: NatsConnection) => Promise<void>): Promise<void> {
    const client = await connect({ servers: `nats://127.0.0.1:${this.#server.port}` });
    await act(toNatsConnection(client));
    await client.close();
  }

  /** Waits until each worker has done something after a disaster, and left its old connections. */
  async #recovered(disaster: Disaster): Promise<void> {
    const before = this.#workers.map(({ done }) => done);
    const idle = (): string[] =>
      this.#workers
        .filter(({ done }, i) => done === before[i])
        .map(({ name }) => `${name} does nothing any more after the disaster ${disaster}`);
    await this.#eventually(idle);
    for (const { name, link } of this.#workers)
      this.#findings.check((await link.proxy.clear()) === 0, `${name} left a connection open after ${disaster}`);
  }

  async #stopped(worker: Worker): Promise<void> {
    let isStopped = false;
    const end = (): void => {
      isStopped = true;
    };
    worker.stop().then(end, (error) => {
      this.#findings.report(`${worker.name} stopped with ${error}`);
      end();
    });
    await this.#eventually(() => (isStopped ? [] : [`${worker.name} does not stop`]));
  }

  /** Waits until nothing is wrong. Reports what still is after the limit. */
  async #eventually(wrong: () => string[] | Promise<string[]>): Promise<void> {
    const deadline = performance.now() + RECOVERY;
    let what = await wrong();
    while (what.length > 0 && performance.now() < deadline) {
      await sleep(20);
      what = await wrong();
    }
    for (const one of what) this.#findings.report(one);
  }

  get #workers(): readonly Worker[] {
    const { publishers, ...others } = this.#team!;
    return [...Object.values(others), ...publishers];
  }

  #inspect(): void {
    for (const what of this.#pending.overdue()) this.#findings.report(what);
    for (const { name, link } of this.#workers)
      this.#findings.check(!link.nc.isClosed(), `the client of the ${name} is closed`);
  }

  #printProgress(): void {
    const { disasters, published, confirmed, puts, replies, broken } = this.summary;
    const minutes = Math.round((performance.now() - this.#began) / (60 * SECOND));
    const figures = { ...disasters, published, confirmed, puts, replies, broken: broken.length };
    console.error(`${minutes} of ${this.#minutes} min: ${JSON.stringify(figures)}`);
  }
}
