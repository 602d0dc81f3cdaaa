// SPDX-License-Identifier: Apache-2.0
import { realClock } from "../clock.ts";
import { host } from "../platform.ts";
import {
  DEFAULT_GRACE_MS,
  type Listen,
  type ListenAddress,
  type Transport,
  type TransportHandler,
  urlOf,
} from "./transport.ts";

// Above this a writer is asked to wait.
const HIGH_WATER = 65_536;
// Who has not been let in.
const NOBODY: TransportHandler = { open() {}, data() {}, written() {}, ready() {}, close() {} };

/**
 * A network without sockets: what one side dials, the other has listened for. For tests, and for a server and its
 * clients in one program.
 */
export function pipe(): {
  readonly dial: (to: ListenAddress, on: TransportHandler) => Transport;
  readonly listen: Listen;
} {
  const doors = new Map<number, (transport: Transport) => TransportHandler>();
  let lastPort = 0;
  return {
    async listen({ host, port }, accept) {
      const at = port === 0 ? ++lastPort : port;
      if (doors.has(at)) throw new Error(`port ${at} of the pipe is taken`);
      doors.set(at, accept);
      const close = async (): Promise<void> => {
        // The door may be another's by now.
        if (doors.get(at) === accept) doors.delete(at);
      };
      return { url: urlOf("nats", { host, port: at }), port: at, close };
    },
    dial({ port }, handler) {
      const [near, far] = [new End(), new End()];
      near.connect(far);
      near.handler = handler;
      host.queueMicrotask(() => {
        // It may have been given up at once.
        if (near.isLeaving) return;
        const accept = doors.get(port);
        if (accept === undefined) return near.lose(new Error(`nobody listens at port ${port} of the pipe`));
        far.handler = accept(far);
        handler.open();
        far.handler.open();
      });
      return near;
    },
  };
}

/** One end: what is written to it the other end hears. */
class End implements Transport {
  handler: TransportHandler = NOBODY;
  #other!: End;
  // What this end is to hear.
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isPaused = false;
  #isScheduled = false;
  #isFull = false;
  // Nothing is written any more, and the other end hears of it behind the last bytes.
  #isEnding = false;
  #isGone = false;
  #late: () => void = () => {};

  get isLeaving(): boolean {
    return this.#isEnding || this.#isGone;
  }

  connect(other: End): void {
    this.#other = other;
    other.#other = this;
  }

  write(bytes: Uint8Array): boolean {
    if (this.isLeaving) return true;
    // The writer uses its memory again, and the reader keeps what it got.
    this.#other.#hear(new Uint8Array(bytes));
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

  close(linger: number = DEFAULT_GRACE_MS): void {
    if (this.isLeaving) return;
    this.#isEnding = true;
    this.#late = realClock.after(linger, () => this.abort());
    this.#other.#schedule();
  }

  abort(): void {
    this.lose();
    this.#other.lose(new Error("the other end of the pipe is gone"));
  }

  /** The connection is over, for this end. */
  lose(error?: Error): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#late();
    this.#chunks = [];
    host.queueMicrotask(() => this.handler.close(error));
  }

  #hear(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    host.queueMicrotask(() => {
      this.#isScheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isGone) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) break;
      this.#bytes -= chunk.length;
      // An end that closes hears nothing more.
      if (!this.#isEnding) this.handler.data(chunk);
    }
    if (this.#isGone) return;
    if (this.#other.#isFull && this.#bytes <= HIGH_WATER) {
      this.#other.#isFull = false;
      this.#other.handler.ready();
    }
    if (this.#chunks.length === 0 && this.#other.#isEnding) {
      this.lose();
      this.#other.lose();
    }
  }
}
