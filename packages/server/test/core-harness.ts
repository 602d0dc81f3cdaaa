// SPDX-License-Identifier: Apache-2.0
import { fromLatin1, latin1 } from "../../../tools/testkit/latin1.ts";
import { deadlinesUntil, outputsOf, segmentsOf } from "../../../tools/testkit/machine.ts";
import { type AuthorizeAction, type DeliverAction, type ServerConfig, ServerCore } from "../src/index.ts";

/** Drives a server core on a virtual clock. The test plays the clients, in text of one character a byte. */
export class CoreHarness {
  readonly core: ServerCore;
  now = 0;
  /** The credentials that the core asked to authorize. */
  readonly asks: AuthorizeAction[] = [];
  /** What the program's own subscriptions received. */
  readonly delivered: DeliverAction[] = [];
  /** The peers that start TLS. */
  readonly startsTls: Set<number> = new Set();
  readonly #sent = new Map<number, string>();
  readonly #closed = new Map<number, string>();

  constructor(config: Partial<ServerConfig> = {}) {
    // Always chooses the first member of a queue group.
    this.core = new ServerCore({ random: (into) => into.fill(0), ...config });
  }

  /** Opens a connection and discards its INFO. */
  open(): number {
    const peer = this.core.opened(this.now);
    this.receive(peer);
    return peer;
  }

  /** Opens a connection and sends CONNECT: not verbose, with headers. */
  quiet(more = ""): number {
    const peer = this.open();
    this.send(peer, `CONNECT {"verbose":false,"pedantic":false,"headers":true${more}}\r\n`);
    return peer;
  }

  send(peer: number, text: string): void {
    this.core.received(peer, latin1(text), this.now);
    this.settle();
  }

  /** Returns what the core has sent to a peer since the last call. */
  receive(peer: number): string {
    this.settle();
    const sent = this.#sent.get(peer) ?? "";
    this.#sent.delete(peer);
    return sent;
  }

  /** Sends a text and returns the answer. */
  exchange(peer: number, text: string): string {
    this.send(peer, text);
    return this.receive(peer);
  }

  /** Returns why the core closed a connection; `undefined` if it did not. */
  closed(peer: number): string | undefined {
    return this.#closed.get(peer);
  }

  /** Advances the clock by `time` milliseconds, stopping at each deadline. */
  advance(time: number): void {
    const end = this.now + time;
    for (const at of deadlinesUntil(this.core, end)) {
      this.now = at;
      this.core.elapsed(this.now);
      this.settle();
    }
    this.now = end;
  }

  /** Does what a driver does after every call. */
  settle(): void {
    for (const peer of this.core.writable) {
      for (const bytes of segmentsOf(() => this.core.transmit(peer))) {
        this.#sent.set(peer, (this.#sent.get(peer) ?? "") + fromLatin1(bytes));
        this.core.released(peer, bytes.length);
      }
    }
    for (const action of outputsOf(this.core)) {
      if (action.do === "authorize") this.asks.push(action);
      else if (action.do === "deliver") this.delivered.push(action);
      else if (action.do === "start-tls") this.startsTls.add(action.connection);
      else this.#closed.set(action.connection, action.reason);
    }
  }
}
