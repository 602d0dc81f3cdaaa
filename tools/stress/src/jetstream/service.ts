// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { type Service, Svcm } from "@nats-io/services";
import type { Link } from "./link.ts";
import type { Books, Worker } from "./worker.ts";

// Milliseconds between two requests, and before one times out.
const EVERY = 200;
const TIMEOUT = 2000;

/** A service that answers each request with its payload. */
export class EchoService implements Worker {
  readonly name = "service";
  readonly link: Link;
  readonly #books: Books;
  done = 0;
  #service: Service | undefined;

  constructor(link: Link, books: Books) {
    this.link = link;
    this.#books = books;
  }

  async start(): Promise<this> {
    // Its own copy of nats-core has other types.
    const service = await new Svcm(this.link.nc as never).add({ name: "echo", version: "1.0.0" });
    service.addEndpoint("echo", (error, message) => {
      if (error) this.#books.findings.report(`the service received the error ${error}`);
      message.respond(message.data);
      this.done++;
    });
    void service.stopped.then((error) =>
      this.#books.findings.check(this.#service === undefined, `the service stopped by itself: ${error}`),
    );
    this.#service = service;
    return this;
  }

  async stop(): Promise<void> {
    const service = this.#service!;
    this.#service = undefined;
    await this.#books.pending.watch("stop() of the service", service.stop());
  }
}

/** Sends requests to the service. One that fails is given up. */
export class Requester implements Worker {
  readonly name = "requester";
  readonly link: Link;
  readonly #books: Books;
  done = 0;
  #isStopped = false;
  readonly #ended: Promise<void>;

  constructor(link: Link, books: Books) {
    this.link = link;
    this.#books = books;
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { findings, pending } = this.#books;
    for (let number = 0; !this.#isStopped; number++) {
      try {
        const request = this.link.nc.request("echo", String(number), { timeout: TIMEOUT });
        const reply = await pending.watch(`request ${number}`, request);
        findings.check(reply.string() === String(number), `request ${number} got the reply ${reply.string()}`);
        this.done++;
      } catch {
        // It was lost with its connection, or there was no service.
      }
      await sleep(EVERY);
    }
  }
}
