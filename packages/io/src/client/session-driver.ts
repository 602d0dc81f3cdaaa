// SPDX-License-Identifier: Apache-2.0
import {
  type Action,
  type Endpoint,
  type Event,
  formatEndpoint,
  parseServers,
  Session,
  type SessionConfig,
} from "@natswire/session";
import { badField } from "../bad-field.ts";
import { Alarm, type Clock, realClock } from "../clock.ts";
import { asError } from "../connection-error.ts";
import { random } from "../platform.ts";
import {
  DEFAULT_GRACE_MS,
  type Dial,
  type Resolve,
  type Transport,
  type TransportHandler,
} from "../transport/transport.ts";
import type { Authenticator, DebugLog } from "./connection-options.ts";
import { defer } from "./defer.ts";

/** What a SessionDriver runs, and on what. */
interface DriverOptions {
  readonly dial: Dial;
  readonly config: Omit<SessionConfig, "random">;
  readonly clock: Clock;
  readonly authenticator: Authenticator | undefined;
  readonly resolve: Resolve | undefined;
  readonly debug: ((connection: number) => ReturnType<DebugLog["open"]>) | undefined;
  /** Called before the events of a chunk, and before the first thing that the program does after it. */
  readonly onTurn: () => void;
  /** Called with every event; it may call the session back. */
  readonly onEvent: (event: Event) => void;
}

/** Carries bytes, actions and time between a Session and its transports. */
export class SessionDriver {
  readonly session: Session;
  /** Resolves after the closed connection has ended, or after its grace. */
  closed: Promise<void> = Promise.resolve();
  readonly #options: DriverOptions;
  #dials = 0;
  #log: ReturnType<DebugLog["open"]> | undefined;
  readonly #alarm: Alarm;
  #transport: Transport | undefined;
  // The number of attempts that have ended. An answer that was asked for in an earlier one is ignored.
  #attempt = 0;
  // The closed connection, until it has ended.
  #closing: Transport | undefined;
  #resolveClosed: () => void = () => {};
  #isScheduled = false;
  // Made once: a closure for each call would take memory (`client publish 0 B`).
  readonly #pumpScheduled = (): void => {
    this.#isScheduled = false;
    this.pump();
  };
  #isPumping = false;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => {
      this.session.elapsed(this.now());
      this.pump();
    });
    this.#check(options.config.servers);
    this.session = new Session({ random, ...options.config }, this.now());
    defer(() => this.pump());
  }

  now(): number {
    return this.#options.clock.now();
  }

  /**
   * Replaces the servers for later attempts.
   *
   * @throws UsageError BAD_FIELD if there is no server, or one that can never be reached
   */
  setServers(servers: readonly string[]): void {
    this.#check(servers);
    this.session.setServers(servers);
  }

  #check(servers: readonly string[]): void {
    for (const { endpoint } of parseServers(servers)) this.#options.dial.check?.(endpoint);
  }

  /** Schedules one `pump` for everything that is asked of the session until then. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.onTurn();
    defer(this.#pumpScheduled);
  }

  /** Performs the actions and emits the events of the session, and writes its bytes. */
  pump(): void {
    // A listener may call back, and a transport may report while it is written to.
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#options.onTurn();
    try {
      // A transport may report bytes as written at once, and the session then has room for more.
      do this.#poll();
      while (this.#transmit());
    } finally {
      this.#isPumping = false;
    }
    this.#alarm.set(this.session.deadline);
  }

  #poll(): void {
    for (let one = this.session.poll(); one !== undefined; one = this.session.poll()) {
      if (isEvent(one)) this.#options.onEvent(one);
      else {
        // What was published before the action is written before it.
        this.#transmit();
        this.#act(one);
      }
    }
  }

  #act(action: Action): void {
    const { authenticator, resolve } = this.#options;
    switch (action.do) {
      case "resolve":
        return void this.#ask(
          () => resolve?.(action.host) ?? [],
          (addresses) => this.session.resolved(checkAddresses(addresses), this.now()),
        );
      case "dial":
        return this.#connect(action);
      case "sign":
        return void this.#ask(
          () => authenticator?.(action.nonce) ?? {},
          (credentials) => this.session.signed(credentials, this.now()),
          "the authenticator failed: ",
        );
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
        this.#attempt++;
    }
  }

  #close(): void {
    this.#closing = this.#transport;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    void this.closed.then(realClock.after(DEFAULT_GRACE_MS, this.#resolveClosed));
    this.#closing?.close(DEFAULT_GRACE_MS);
  }

  #connect({ to }: Action & { do: "dial" }): void {
    let transport: Transport | undefined;
    // Reports of an earlier connection are ignored.
    const report = (what: () => void): void => {
      if (transport !== undefined && this.#transport !== transport) return;
      what();
      this.pump();
    };
    const handler: TransportHandler = {
      open: () => report(() => this.session.opened(this.now())),
      data: (chunk) =>
        report(() => {
          this.#log?.received(chunk);
          this.session.received(chunk, this.now());
        }),
      secure: () => report(() => this.session.secured(this.now())),
      written: (bytes) => report(() => this.session.released(bytes)),
      ready: () => {},
      close: (error) => {
        if (transport === this.#closing) this.#resolveClosed();
        report(() => {
          this.#transport = undefined;
          this.#attempt++;
          const { detail, reason } = causeOf(error, to);
          this.session.lost(detail, this.now(), reason);
        });
      },
    };
    const { debug, dial } = this.#options;
    try {
      this.#log = debug?.(++this.#dials);
      transport = dial(to, handler);
      this.#transport = transport;
    } catch (error) {
      this.#giveUp(asError(error).message);
    }
  }

  #startTls(): void {
    const transport = this.#transport;
    if (transport?.startTls !== undefined) return transport.startTls();
    this.#giveUp("this transport cannot be upgraded to TLS");
  }

  /** Ends the connection, or the attempt. */
  #giveUp(detail: string): void {
    this.#transport?.abort();
    this.#transport = undefined;
    this.session.lost(detail, this.now());
  }

  /** Passes what a function returns to the session, unless the attempt has ended meanwhile. */
  async #ask<T>(ask: () => T | Promise<T>, then: (answer: T) => void, prefix = ""): Promise<void> {
    const attempt = this.#attempt;
    try {
      const answer = await ask();
      if (this.#attempt === attempt) then(answer);
    } catch (error) {
      if (this.#attempt !== attempt) return;
      this.#giveUp(prefix + asError(error).message);
    }
    this.pump();
  }

  /** Writes what the session has to send. Returns false if there was nothing. */
  #transmit(): boolean {
    const transport = this.#transport;
    if (transport === undefined) return false;
    let bytes = this.session.transmit();
    if (bytes === undefined) return false;
    while (bytes !== undefined) {
      const next = this.session.transmit();
      this.#log?.sent(bytes);
      transport.write(bytes, next !== undefined);
      bytes = next;
    }
    return true;
  }
}

/** Returns whether an output is an event. Reading a field is faster than asking whether there is one. */
function isEvent(one: Action | Event): one is Event {
  return (one as Partial<Event>).event !== undefined;
}

/** Returns why a connection ended. The runtimes name a refused connection in different ways. */
function causeOf(error: Error | undefined, to: Endpoint): { readonly detail: string; readonly reason?: "TLS" } {
  if (error === undefined) return { detail: "the connection ended" };
  const isRefused =
    (error as { readonly code?: unknown }).code === "ECONNREFUSED" || error.name === "ConnectionRefused";
  if (isRefused)
    return { detail: `connection refused (ECONNREFUSED) by ${formatEndpoint(to)}: no server is listening` };
  // In TLS 1.3 the handshake of the client is complete before the server checks its certificate.
  if (/alert:? ?(bad ?certificate|certificate ?required)/i.test(error.message))
    return {
      reason: "TLS",
      detail: `the server requires a client certificate (cert and key of tls): ${error.message}`,
    };
  return { detail: error.message };
}

/** @throws UsageError BAD_FIELD if it is not a list of addresses */
function checkAddresses(addresses: readonly string[]): readonly string[] {
  if (!Array.isArray(addresses) || addresses.some((one) => typeof one !== "string"))
    throw badField("the result of resolve", "an array of strings", addresses);
  return addresses;
}
