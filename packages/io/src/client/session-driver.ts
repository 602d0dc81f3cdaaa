// SPDX-License-Identifier: Apache-2.0
import { serverFrames } from "@natswire/codec";
import { type Action, type Event, Session, type SessionConfig } from "@natswire/session";
import { Alarm, type Clock, realClock } from "../clock.ts";
import { random } from "../platform.ts";
import { FrameRecorder, print, type TranscriptEntry } from "../testing/frame-recorder.ts";
import { redacted } from "../testing/redacted.ts";
import { DEFAULT_GRACE_MS, type Dial, type Transport, type TransportHandler } from "../transport/transport.ts";
import type { Authenticator, DebugHook } from "./connection-options.ts";
import { defer } from "./defer.ts";

/** Carries bytes, actions and time between a Session and its transports. */
export class SessionDriver {
  readonly session: Session;
  /** Of a session that was closed: the peer has what was said, or has had its time. */
  left: Promise<void> = Promise.resolve();
  readonly #dial: Dial;
  readonly #clock: Clock;
  readonly #authenticator: Authenticator | undefined;
  readonly #tell: (event: Event) => void;
  readonly #debug: DebugHook | undefined;
  #dials = 0;
  #scribe: FrameRecorder | undefined;
  readonly #alarm: Alarm;
  #transport: Transport | undefined;
  // What was closed, and is not over yet.
  #closing: Transport | undefined;
  #gone: () => void = () => {};
  #isScheduled = false;
  // Made once: made where it is wanted, it would take memory in each call that finds it is not (`client publish 0 B`).
  readonly #pumpScheduled = (): void => {
    this.#isScheduled = false;
    this.pump();
  };
  #isPumping = false;

  /** @param tell hears of every event, and may call the session back */
  constructor(
    dial: Dial,
    config: Omit<SessionConfig, "random">,
    clock: Clock,
    authenticator: Authenticator | undefined,
    debug: DebugHook | undefined,
    tell: (event: Event) => void,
  ) {
    this.#dial = dial;
    this.#clock = clock;
    this.#authenticator = authenticator;
    this.#debug = debug;
    this.#tell = tell;
    this.#alarm = new Alarm(clock, () => {
      this.session.elapsed(this.now());
      this.pump();
    });
    this.session = new Session({ random, ...config }, this.now());
    defer(() => this.pump());
  }

  now(): number {
    return this.#clock.now();
  }

  /** Does all that the session wants done, together with what else is asked of it meanwhile. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    defer(this.#pumpScheduled);
  }

  /** Does it now. */
  pump(): void {
    // What is told may call back, and a transport may report while it is written to.
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      // What is written may be reported as written at once, and that as room for more.
      do this.#heed();
      while (this.#transmit());
    } finally {
      this.#isPumping = false;
    }
    this.#alarm.set(this.session.deadline);
  }

  #heed(): void {
    for (let one = this.session.poll(); one !== undefined; one = this.session.poll()) {
      if (isEvent(one)) this.#tell(one);
      else {
        // What was said before is written before.
        this.#transmit();
        this.#act(one);
      }
    }
  }

  #act(action: Action): void {
    switch (action.do) {
      case "dial":
        return this.#connect(action);
      case "sign":
        return void this.#sign(action.nonce);
      case "start-tls":
        return this.#startTls();
      case "pause":
        return this.#transport?.pause();
      case "resume":
        return this.#transport?.resume();
      case "close":
        if (action.flushed) this.#close();
        else this.#transport?.abort();
        this.#transport = undefined;
    }
  }

  #close(): void {
    this.#closing = this.#transport;
    this.left = new Promise((resolve) => {
      this.#gone = resolve;
    });
    void this.left.then(realClock.after(DEFAULT_GRACE_MS, this.#gone));
    this.#closing?.close(DEFAULT_GRACE_MS);
  }

  #connect({ to }: Action & { do: "dial" }): void {
    let transport: Transport | undefined;
    // What is reported of a connection that is over says nothing of the next one.
    const report = (what: () => void): void => {
      if (transport !== undefined && this.#transport !== transport) return;
      what();
      this.pump();
    };
    const handler: TransportHandler = {
      open: () => report(() => this.session.opened(this.now())),
      data: (chunk) =>
        report(() => {
          this.#scribe?.heard(chunk);
          this.session.received(chunk, this.now());
        }),
      secure: () => report(() => this.session.secured(this.now())),
      written: (bytes) => report(() => this.session.released(bytes)),
      ready: () => {},
      close: (error) => {
        if (transport === this.#closing) this.#gone();
        report(() => {
          this.#transport = undefined;
          this.session.lost(error?.message ?? "the connection ended", this.now());
        });
      },
    };
    this.#scribe = this.#debug && scribeFor(this.#debug, ++this.#dials);
    try {
      transport = this.#dial(to, handler);
      this.#transport = transport;
    } catch (error) {
      this.session.lost(String(error), this.now());
    }
  }

  #startTls(): void {
    const transport = this.#transport;
    if (transport?.startTls !== undefined) return transport.startTls();
    transport?.abort();
    this.#transport = undefined;
    this.session.lost("this transport does not go on in TLS", this.now());
  }

  async #sign(nonce: string | undefined): Promise<void> {
    const transport = this.#transport;
    try {
      const credentials = (await this.#authenticator?.(nonce)) ?? {};
      if (this.#transport === transport) this.session.signed(credentials, this.now());
    } catch (error) {
      if (this.#transport !== transport) return;
      transport?.abort();
      this.#transport = undefined;
      this.session.lost(`the authenticator threw: ${String(error)}`, this.now());
    }
    this.pump();
  }

  /** @returns whether there was anything to write */
  #transmit(): boolean {
    const transport = this.#transport;
    if (transport === undefined) return false;
    let bytes = this.session.transmit();
    if (bytes === undefined) return false;
    while (bytes !== undefined) {
      const next = this.session.transmit();
      this.#scribe?.said(bytes);
      transport.write(bytes, next !== undefined);
      bytes = next;
    }
    return true;
  }
}

/** Engines look up a field sooner than whether there is one. */
function isEvent(one: Action | Event): one is Event {
  return (one as Partial<Event>).event !== undefined;
}

function scribeFor(debug: DebugHook, connection: number): FrameRecorder {
  const told = (entry: TranscriptEntry): void => {
    const { frame } = entry;
    const shown = frame.op === "connect" ? { ...entry, frame: { ...frame, options: redacted(frame.options) } } : entry;
    debug(shown, print([shown]));
  };
  return new FrameRecorder(told, connection, serverFrames.limits);
}
