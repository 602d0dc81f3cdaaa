// SPDX-License-Identifier: Apache-2.0
import { fromLatin1, latin1 } from "../../../tools/testkit/latin1.ts";
import { deadlinesUntil, outputsOf, segmentsOf } from "../../../tools/testkit/machine.ts";
import {
  type AuthorizeAction,
  type CloseAction,
  type DeliverAction,
  type ServerConfig,
  ServerCore,
  type StallAction,
} from "../src/index.ts";

/** Runs a server on a virtual clock. Sends and receives text, one character for each byte. */
export class ServerHarness {
  readonly core: ServerCore;
  now = 0;
  /** The `authorize` actions. */
  readonly authorizations: AuthorizeAction[] = [];
  /** The `stall` actions. */
  readonly stalls: StallAction[] = [];
  /** The `deliver` actions. */
  readonly delivered: DeliverAction[] = [];
  /** The connections that have started TLS. */
  readonly tlsStarted: Set<number> = new Set();
  readonly #received = new Map<number, string>();
  readonly #closed = new Map<number, CloseAction>();

  constructor(config: Partial<ServerConfig> = {}) {
    // Always chooses the first member of a queue group.
    this.core = new ServerCore({ random: (into) => into.fill(0), ...config });
  }

  /** Opens a connection and discards its first INFO. */
  open(): number {
    const peer = this.core.opened(this.now);
    this.read(peer);
    return peer;
  }

  /** Opens a connection and sends CONNECT: not verbose, not pedantic, with headers. */
  connect(more = ""): number {
    const peer = this.open();
    this.send(peer, `CONNECT {"verbose":false,"pedantic":false,"headers":true${more}}\r\n`);
    return peer;
  }

  /** Sends bytes to the server from a client. */
  send(peer: number, text: string): void {
    this.core.received(peer, latin1(text), this.now);
    this.settle();
  }

  /** Returns what the server has sent to a client since the last call. */
  read(peer: number): string {
    this.settle();
    const text = this.#received.get(peer) ?? "";
    this.#received.delete(peer);
    return text;
  }

  /** Sends bytes and returns the answer. */
  exchange(peer: number, text: string): string {
    this.send(peer, text);
    return this.read(peer);
  }

  /** Returns why the server closed a connection, or `undefined` if it did not. */
  closeReason(peer: number): string | undefined {
    return this.#closed.get(peer)?.reason;
  }

  /** Returns the detail of that, for the log. */
  closeDetail(peer: number): string | undefined {
    return this.#closed.get(peer)?.detail;
  }

  /** Advances the clock, and calls `elapsed` at each deadline. */
  advance(time: number): void {
    const end = this.now + time;
    for (const at of deadlinesUntil(this.core, end)) {
      this.now = at;
      this.core.elapsed(at);
      this.settle();
    }
    this.now = end;
  }

  /** Transmits and polls, as a runtime does after every call. */
  settle(): void {
    for (const peer of this.core.writable) {
      for (const segment of segmentsOf(() => this.core.transmit(peer))) {
        this.#received.set(peer, (this.#received.get(peer) ?? "") + fromLatin1(segment));
        this.core.released(peer, segment.length);
      }
    }
    for (const action of outputsOf(this.core)) {
      if (action.do === "authorize") this.authorizations.push(action);
      else if (action.do === "deliver") this.delivered.push(action);
      else if (action.do === "start-tls") this.tlsStarted.add(action.connection);
      else if (action.do === "stall") this.stalls.push(action);
      else this.#closed.set(action.connection, action);
    }
  }
}
