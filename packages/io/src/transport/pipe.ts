// SPDX-License-Identifier: Apache-2.0
import { Queue } from "@natswire/session";
import { realClock } from "../clock.ts";
import { timers } from "../platform.ts";
import {
  DEFAULT_GRACE_MS,
  HIGH_WATER,
  type Listen,
  type ListenAddress,
  type Transport,
  type TransportHandler,
  urlOf,
} from "./transport.ts";

// Of an end that no server has accepted yet.
const NOT_ACCEPTED: TransportHandler = { open() {}, data() {}, written() {}, ready() {}, close() {} };

/**
 * Returns a network without sockets, for tests and for a server and its clients in one program.
 *
 * `dial` reaches what `listen` of the same pipe listens on; host names are ignored, ports are counted from 1. No bytes leave the
 * process.
 *
 * @example
 * ```js
 * import { connectWith, pipe, serveWith } from "@natswire/io";
 *
 * const { dial, listen } = pipe();
 * const server = await serveWith(listen);
 * const client = await connectWith(dial, server.url);
 * client.subscribe("greet", { callback: (message) => message.respond("hello") });
 * console.log((await client.request("greet")).text()); // hello
 * await client.close();
 * await server.close();
 * ```
 */
export function pipe(): {
  readonly dial: (to: ListenAddress, on: TransportHandler) => Transport;
  readonly listen: Listen;
} {
  const listeners = new Map<number, (transport: Transport) => TransportHandler>();
  let lastPort = 0;
  return {
    async listen({ host, port: wanted }, accept) {
      const port = wanted === 0 ? ++lastPort : wanted;
      if (listeners.has(port)) throw new Error(`port ${port} of the pipe is in use`);
      listeners.set(port, accept);
      const close = async (): Promise<void> => {
        // Another listener may have the port by now.
        if (listeners.get(port) === accept) listeners.delete(port);
      };
      return { url: urlOf("nats", { host, port }), port, close };
    },
    dial({ port }, handler) {
      const [near, far] = [new PipeEnd(), new PipeEnd()];
      near.connect(far);
      near.handler = handler;
      timers.queueMicrotask(() => {
        // It may have been closed at once.
        if (!near.isOpen) return;
        const accept = listeners.get(port);
        if (accept === undefined) return near.end(new Error(`no server is listening on port ${port} of the pipe`));
        far.handler = accept(far);
        handler.open();
        far.handler.open();
      });
      return near;
    },
  };
}

/** One end: what is written to it the other end receives. */
class PipeEnd implements Transport {
  handler: TransportHandler = NOT_ACCEPTED;
  #other!: PipeEnd;
  // Closing: nothing is written or received any more, and the other end is notified after the last bytes.
  #state: "open" | "closing" | "closed" = "open";
  // What this end has not received yet.
  readonly #chunks = new Queue<Uint8Array>();
  #bytes = 0;
  #isPaused = false;
  #isScheduled = false;
  #isFull = false;
  #cancelGrace: () => void = () => {};

  get isOpen(): boolean {
    return this.#state === "open";
  }

  connect(other: PipeEnd): void {
    this.#other = other;
    other.#other = this;
  }

  write(bytes: Uint8Array): boolean {
    if (!this.isOpen) return true;
    // The writer uses its memory again, and the reader keeps what it got.
    this.#other.#push(new Uint8Array(bytes));
    this.handler.written(bytes.length);
    this.#isFull = this.#other.#bytes > HIGH_WATER;
    return !this.#isFull;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#schedule();
  }

  close(grace: number = DEFAULT_GRACE_MS): void {
    if (!this.isOpen) return;
    this.#state = "closing";
    this.#cancelGrace = realClock.after(grace, () => this.abort());
    this.#other.#schedule();
  }

  abort(): void {
    this.end();
    this.#other.end(new Error("the other end of the pipe was closed"));
  }

  /** Ends this end of the connection. */
  end(error?: Error): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#cancelGrace();
    this.#chunks.clear();
    timers.queueMicrotask(() => this.handler.close(error));
  }

  #push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    timers.queueMicrotask(() => {
      this.#isScheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#isPaused && this.#state !== "closed") {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) break;
      this.#bytes -= chunk.length;
      if (this.isOpen) this.handler.data(chunk);
    }
    if (this.#state === "closed") return;
    if (this.#other.#isFull && this.#bytes <= HIGH_WATER) {
      this.#other.#isFull = false;
      this.#other.handler.ready();
    }
    if (this.#chunks.size === 0 && this.#other.#state === "closing") {
      this.end();
      this.#other.end();
    }
  }
}
