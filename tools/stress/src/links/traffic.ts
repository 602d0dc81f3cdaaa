// SPDX-License-Identifier: Apache-2.0
import { type Connection, connect, type Subscription } from "@natswire/node";
import type { RealServer } from "../../../testkit/nats-server.ts";
import { Random } from "../../../testkit/random.ts";

const SUBJECTS = ["a", "orders.new", "orders.eu.new", "é.x", "$weird.+.|"];
const PATTERNS = [...SUBJECTS, "orders.*", "orders.>", ">", "*.x"];
const QUEUES = [undefined, undefined, "q", "workers", "+"];
const SIZES = [0, 1, 20, 500, 8192, 70_000];
// Subscriptions at a time, of all clients.
const MOST = 30;

/** Clients of several servers that subscribe, publish, request and unsubscribe at random. */
export class Traffic {
  readonly #clients: Connection[];
  readonly #random: Random;
  readonly #subscriptions: Subscription[] = [];
  published = 0;
  received = 0;

  private constructor(clients: Connection[], random: Random) {
    this.#clients = clients;
    this.#random = random;
  }

  /** Connects a client of each of two accounts to each server. */
  static async open(servers: readonly RealServer[], seed: number): Promise<Traffic> {
    const clients: Connection[] = [];
    for (const { port } of servers)
      for (const user of ["a", "p"])
        clients.push(await connect({ servers: `nats://127.0.0.1:${port}`, user, pass: user, noEcho: true }));
    return new Traffic(clients, new Random(seed));
  }

  /** Does a hundred things, and resolves after the servers of the clients have read them. */
  async round(): Promise<void> {
    const requests: Promise<unknown>[] = [];
    for (let i = 0; i < 100; i++) {
      const client = this.#random.pick(this.#clients);
      const action = this.#random.below(20);
      if (action < 4) this.#subscribe(client);
      else if (action < 7) this.#unsubscribe();
      else if (action === 7)
        requests.push(client.request(this.#random.pick(SUBJECTS), "ask", { timeout: 100 }).catch(() => {}));
      else this.#publish(client);
      // Interest needs some time to cross.
      if (this.#random.once(30)) await client.flush();
    }
    await Promise.all(requests);
    await this.settle();
  }

  /** Resolves after all servers have read what was sent. */
  async settle(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.flush()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #subscribe(client: Connection): void {
    if (this.#subscriptions.length >= MOST) this.#unsubscribe();
    const queue = this.#random.pick(QUEUES);
    const subscription = client.subscribe(this.#random.pick(PATTERNS), {
      ...(queue === undefined ? {} : { queue }),
      callback: (message) => {
        this.received++;
        message.respond("answer");
      },
    });
    this.#subscriptions.push(subscription);
  }

  #unsubscribe(): void {
    const [subscription] = this.#subscriptions.splice(this.#random.below(this.#subscriptions.length || 1), 1);
    subscription?.unsubscribe();
  }

  #publish(client: Connection): void {
    this.published++;
    const payload = new Uint8Array(this.#random.pick(SIZES)).fill(this.#random.below(256));
    const headers = this.#random.once(3) ? { headers: { "X-Id": String(this.published), Empty: "" } } : {};
    const reply = this.#random.once(3) ? { reply: "replies.here" } : {};
    client.publish(this.#random.pick(SUBJECTS), payload, { ...headers, ...reply });
  }
}
