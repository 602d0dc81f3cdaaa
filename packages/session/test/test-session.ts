// SPDX-License-Identifier: Apache-2.0
import { fromLatin1, latin1 } from "../../../tools/testkit/latin1.ts";
import { deadlinesUntil, outputsOf, segmentsOf } from "../../../tools/testkit/machine.ts";
import { type Action, type Event, Session, type SessionConfig } from "../src/index.ts";

/** The shared inbox of a TestSession, which has no random bits. */
export const INBOX: string = `_INBOX.${"0".repeat(16)}`;

/** Returns the token in the reply subject of a request: its slot, and no random bits. */
export function tokenOf(ticket: number): string {
  return `AAAA${String.fromCharCode(65 + (ticket % 16))}${"0".repeat(11)}`;
}

/** A session on a virtual clock, whose server is played by hand, in text, one character per byte. */
export class TestSession {
  readonly session: Session;
  now = 0;
  /** What the session asked for and told since it was looked at. */
  readonly actions: Action[] = [];
  readonly events: Event[] = [];
  /** The events `connecting`, which each attempt has. They are not among the events. */
  readonly attempts: (Event & { event: "connecting" })[] = [];
  /** Bytes written and received so far, over all connections. */
  written = 0;
  read = 0;
  #sent = "";

  constructor(config: Partial<SessionConfig> = {}) {
    this.session = new Session(
      { random: (into) => into.fill(0), servers: ["nats://127.0.0.1:4222"], noRandomize: true, ...config },
      0,
    );
    this.settle();
  }

  /** A session that is connected; what it said for that is forgotten. */
  static connected(config: Partial<SessionConfig> = {}, info = ""): TestSession {
    const client = new TestSession(config);
    client.connect(info);
    client.take();
    return client;
  }

  /** Opens the connection: the server sends INFO, then PONG. Returns what the session sent. */
  connect(info = ""): string {
    this.session.opened(this.now);
    this.receive(`INFO {"server_id":"S","version":"2.14.0","headers":true,"max_payload":1048576${info}}\r\n`);
    const said = this.sent();
    this.receive("PONG\r\n");
    return said;
  }

  receive(text: string): void {
    this.read += text.length;
    this.session.received(latin1(text), this.now);
    this.settle();
  }

  /** What the session has said since the last time. */
  sent(): string {
    this.settle();
    const said = this.#sent;
    this.#sent = "";
    return said;
  }

  /** What it asked for and told since the last time, by name. */
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

  /** Lets time pass in the steps the session asks for. */
  pass(time: number): void {
    const end = this.now + time;
    for (const at of deadlinesUntil(this.session, end)) {
      this.now = Math.max(this.now, at);
      this.session.elapsed(this.now);
      this.settle();
    }
    this.now = end;
  }

  settle(): void {
    for (const one of outputsOf(this.session)) {
      if ("do" in one) {
        // What it wrote before it hangs up is written.
        this.#write();
        this.actions.push(one);
      } else if (one.event === "connecting") this.attempts.push(one);
      else this.events.push(one);
    }
    this.#write();
  }

  #write(): void {
    for (const bytes of segmentsOf(() => this.session.transmit())) {
      this.written += bytes.length;
      this.#sent += fromLatin1(bytes);
      this.session.released(bytes.length);
    }
  }
}
