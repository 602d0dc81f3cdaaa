// SPDX-License-Identifier: Apache-2.0
import { type AuthorizeAction, type DeliverAction, type ServerConfig, ServerCore } from "../src/index.ts";

/** A server on a virtual clock, spoken to in text, one character per byte. */
export class ServerHarness {
  readonly core: ServerCore;
  now = 0;
  /** Whose credentials the server asked to be looked at. */
  readonly authorizations: AuthorizeAction[] = [];
  /** What the program's own subscriptions received. */
  readonly delivered: DeliverAction[] = [];
  /** Who goes on in TLS. */
  readonly tlsStarted: Set<number> = new Set();
  readonly #received = new Map<number, string>();
  readonly #closed = new Map<number, string>();

  constructor(config: Partial<ServerConfig> = {}) {
    // The first member of a queue group, always.
    this.core = new ServerCore({ random: (into) => into.fill(0), ...config });
  }

  /** Opens a connection; what it is greeted with is dropped. */
  open(): number {
    const peer = this.core.opened(this.now);
    this.read(peer);
    return peer;
  }

  /** Opens a connection and introduces it, without +OK and with headers. */
  connect(more = ""): number {
    const peer = this.open();
    this.send(peer, `CONNECT {"verbose":false,"pedantic":false,"headers":true${more}}\r\n`);
    return peer;
  }

  send(peer: number, text: string): void {
    this.core.received(
      peer,
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
      this.now,
    );
    this.settle();
  }

  /** What the server has said to a peer since the last time. */
  read(peer: number): string {
    this.settle();
    const text = this.#received.get(peer) ?? "";
    this.#received.delete(peer);
    return text;
  }

  /** Says something and hears the answer. */
  exchange(peer: number, text: string): string {
    this.send(peer, text);
    return this.read(peer);
  }

  /** Why the server hung up, if it did. */
  closeReason(peer: number): string | undefined {
    return this.#closed.get(peer);
  }

  /** Lets time pass in the steps the server asks for. */
  advance(time: number): void {
    const end = this.now + time;
    while (this.core.deadline !== undefined && this.core.deadline <= end) {
      this.now = this.core.deadline;
      this.core.elapsed(this.now);
      this.settle();
    }
    this.now = end;
  }

  /** Does what a runtime does after every call. */
  settle(): void {
    for (const peer of this.core.writable) {
      for (let bytes = this.core.transmit(peer); bytes !== undefined; bytes = this.core.transmit(peer)) {
        let text = this.#received.get(peer) ?? "";
        for (const byte of bytes) text += String.fromCharCode(byte);
        this.#received.set(peer, text);
        this.core.released(peer, bytes.length);
      }
    }
    for (let action = this.core.poll(); action !== undefined; action = this.core.poll()) {
      if (action.do === "authorize") this.authorizations.push(action);
      else if (action.do === "deliver") this.delivered.push(action);
      else if (action.do === "start-tls") this.tlsStarted.add(action.connection);
      else this.#closed.set(action.connection, action.reason);
    }
  }
}
