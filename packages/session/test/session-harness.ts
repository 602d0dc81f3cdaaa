// SPDX-License-Identifier: Apache-2.0
import { fromLatin1, latin1 } from "../../../tools/testkit/latin1.ts";
import { deadlinesUntil, outputsOf, segmentsOf } from "../../../tools/testkit/machine.ts";
import { type Action, type Event, Session, type SessionConfig } from "../src/index.ts";

/** Drives a session on a virtual clock. The test plays the server, in text of one character a byte. */
export class SessionHarness {
  readonly session: Session;
  now = 0;
  /** The actions and events since the last `take`. */
  readonly actions: Action[] = [];
  readonly events: Event[] = [];
  #sent = "";

  constructor(config: Partial<SessionConfig> = {}) {
    this.session = new Session(
      { random: (into) => into.fill(0), servers: ["nats://127.0.0.1:4222"], noRandomize: true, ...config },
      0,
    );
    this.settle();
  }

  /** Returns a connected session, without the outputs of connecting. */
  static connected(config: Partial<SessionConfig> = {}, info = ""): SessionHarness {
    const harness = new SessionHarness(config);
    harness.connect(info);
    harness.take();
    return harness;
  }

  /** Opens the connection, sends INFO and answers the first PING. Returns what the session sent before the PONG. */
  connect(info = ""): string {
    this.session.opened(this.now);
    this.receive(`INFO {"server_id":"S","version":"2.14.0","headers":true,"max_payload":1048576${info}}\r\n`);
    const sent = this.sent();
    this.receive("PONG\r\n");
    return sent;
  }

  receive(text: string): void {
    this.session.received(latin1(text), this.now);
    this.settle();
  }

  /** Returns what the session has sent since the last call. */
  sent(): string {
    this.settle();
    const sent = this.#sent;
    this.#sent = "";
    return sent;
  }

  /** Returns the names of the actions and events since the last call, actions first. */
  take(): string[] {
    this.settle();
    const all = [...this.actions.map((one) => one.do), ...this.events.map((one) => one.event)];
    this.actions.length = this.events.length = 0;
    return all;
  }

  lost(detail = "reset"): void {
    this.session.lost(detail, this.now);
    this.settle();
  }

  /** Advances the clock by `time` milliseconds, stopping at each deadline. */
  advance(time: number): void {
    const end = this.now + time;
    for (const at of deadlinesUntil(this.session, end)) {
      this.now = Math.max(this.now, at);
      this.session.elapsed(this.now);
      this.settle();
    }
    this.now = end;
  }

  /** Does what a driver does after every call. */
  settle(): void {
    for (const output of outputsOf(this.session)) {
      if ("do" in output) {
        // What the session sent before the action is written first.
        this.#write();
        this.actions.push(output);
      } else this.events.push(output);
    }
    this.#write();
  }

  #write(): void {
    for (const bytes of segmentsOf(() => this.session.transmit())) {
      this.#sent += fromLatin1(bytes);
      this.session.released(bytes.length);
    }
  }
}
