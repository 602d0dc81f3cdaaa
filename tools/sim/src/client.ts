// SPDX-License-Identifier: Apache-2.0
import { serverError } from "@natswire/codec";
import type { Action, Endpoint, Session, SessionConfig } from "@natswire/session";
import { outputsOf, segmentsOf } from "../../testkit/machine.ts";
import { Accounting } from "./accounting.ts";
import { checkEvent } from "./check-event.ts";
import { DENIED } from "./host.ts";
import { Inboxes } from "./inboxes.ts";
import { hold } from "./laws.ts";
import { PendingOperations } from "./pending-operations.ts";
import { Pool } from "./pool.ts";
import { Program } from "./program.ts";
import { Subscriber } from "./subscriber.ts";
import { type ReceivedFrame, Wire, type WireClient } from "./wire.ts";
import type { World } from "./world.ts";

// Longer payloads are transmitted without a copy.
const BY_REFERENCE = 8192;

/** A session with its connections, its program, and the models that check it. */
export class Client implements WireClient {
  readonly name: string;
  readonly config: SessionConfig;
  readonly session: Session;
  readonly subscriber: Subscriber;
  readonly pending: PendingOperations = new PendingOperations();
  readonly inboxes: Inboxes;
  readonly accounting: Accounting;
  readonly pool: Pool;
  readonly program: Program;
  /** The current connection, or the one being opened. */
  wire: Wire | undefined;
  /** The latest time that was passed to the session. */
  clock = 0;
  isClosed = false;
  /** The server that is dialled, as it was configured or discovered. */
  server = "";
  #resolving = 0;
  readonly #world: World;
  #isOpen = false;
  #hasInfo = false;
  #isSecuring = false;
  #isConnected = false;
  #isReading = true;
  /** When it last resumed reading. */
  #readingSince = 0;

  constructor(world: World, name: string, config: SessionConfig, addresses: readonly string[]) {
    this.#world = world;
    this.name = name;
    this.config = config;
    const saw = world.saw;
    this.pool = new Pool(config, addresses, saw);
    this.subscriber = new Subscriber(world.messages, saw);
    this.inboxes = new Inboxes(this.subscriber, this.pending, world.messages, saw);
    this.accounting = new Accounting(world, config);
    this.program = new Program(world, this);
    this.session = new world.under.Session(config, this.now());
    this.pump();
  }

  get deadline(): number | undefined {
    return this.session.deadline;
  }

  /** Returns the time that is passed to the session. Sometimes it is earlier than the one before. */
  now(): number {
    const time = this.#world.reportedTime();
    if (time < this.clock) this.#world.saw("backwards");
    this.clock = Math.max(this.clock, time);
    return time;
  }

  /** Whether it is connected to a server that receives what it sends. */
  get isAlive(): boolean {
    return (
      this.#isConnected &&
      this.wire?.toServer.isStopped === false &&
      !this.wire.toClient.isStopped &&
      this.wire.host.has(this.wire)
    );
  }

  received(chunk: Uint8Array, frames: readonly ReceivedFrame[]): void {
    if (frames.length === 0 && !this.#hasInfo) this.#world.saw("splitInfo");
    if (frames.length > 0) this.#hasInfo = true;
    for (const frame of frames) if (!this.#receive(frame)) break;
    this.accounting.bytesReceived += chunk.length;
    this.session.received(chunk, this.now());
    this.pump();
    chunk.fill(0xaa);
    this.#compare();
  }

  released(bytes: number): void {
    this.session.released(bytes);
    this.pump();
    this.#compare();
  }

  lost(wire: Wire, detail: string): void {
    if (this.wire !== wire) return;
    this.#world.note(`${this.name} lost ${wire.host.name}: ${detail}`);
    this.#disconnect();
    this.session.lost(detail, this.now());
    this.pump();
  }

  elapsed(): void {
    const { now, lastJump } = this.#world;
    this.clock = Math.max(this.clock, now);
    if (this.#isConnected) this.pool.elapsed(now);
    const { wire } = this;
    const late = this.accounting.isAnswered ? undefined : this.#isOpen ? "handshakeTimeout" : "dialTimeout";
    this.session.elapsed(now);
    this.pump();
    if (wire !== undefined && this.wire !== wire && late !== undefined) this.#world.saw(late);
    const { deadline } = this.session;
    hold("busy", deadline === undefined || deadline > now, () => `${this.name} has the deadline ${deadline}`);
    this.pending.checkOverdue(now, lastJump);
  }

  /** Checks what must hold at any time. */
  check(): void {
    const { now, lastJump } = this.#world;
    if (this.isClosed) return;
    hold("progress", this.wire !== undefined || this.session.deadline !== undefined, () => this.name);
    this.pending.checkOverdue(now, lastJump);
    // The first PING after a pause is sent one interval later.
    const { maxPingOut, pingInterval } = this.config;
    const limit = (maxPingOut + 1) * pingInterval;
    const since = Math.max(this.accounting.answeredAt, lastJump, this.#readingSince + pingInterval);
    const isSilent = this.#isConnected && this.#isReading && now > since + limit;
    hold("silent", !isSilent, () => `${this.name} received its last PONG at ${this.accounting.answeredAt}`);
  }

  /** Performs all actions and checks all events of the session. */
  pump(): void {
    this.#transmit();
    for (const one of outputsOf(this.session)) {
      hold("closed", !this.isClosed, () => `${JSON.stringify(one)} after it`);
      if ("do" in one) this.#act(one);
      else checkEvent(this, this.#world, one);
      this.#transmit();
    }
    hold("closed", this.isClosed || !this.program.publisher.wasTooLate, () => "publish throws CLOSED before `closed`");
    this.subscriber.checkDelivered();
    this.pending.checkDenied();
    const { stats } = this.session;
    this.subscriber.checkCounts(stats);
    this.accounting.check(stats, this.program.publisher.published);
  }

  /** The session is connected. */
  connected(): void {
    this.#isConnected = true;
    this.pool.connected(this.server, this.clock);
  }

  #transmit(): void {
    const segments = [...segmentsOf(() => this.session.transmit())];
    for (const { length } of segments) this.accounting.bytesSent += length;
    if (segments.length === 0) return;
    if (segments.some(({ length, buffer }) => length > BY_REFERENCE && length === buffer.byteLength)) {
      this.#world.saw("byReference");
    }
    for (const frame of this.wire!.sendToServer(segments)) {
      const message = this.accounting.sent(frame);
      if (frame.op === "pub" && message !== undefined) this.inboxes.sent(message, frame.reply);
      if (frame.op !== "unsub" || frame.max === undefined) continue;
      const { max = 0 } = this.subscriber.subscriptions.get(Number(frame.sid)) ?? {};
      if (frame.max < max) this.#world.saw("remainder");
    }
  }

  #act(action: Action): void {
    const { wire } = this;
    switch (action.do) {
      case "resolve":
        return this.#resolve(action.host);
      case "dial":
        return this.#dial(action.to);
      case "start-tls":
        this.#isSecuring = true;
        return this.#later(wire, () => {
          this.#isSecuring = false;
          if (this.#world.hasFaults && this.#world.random.once(20)) {
            this.#world.saw("tlsFailed");
            return wire!.reset();
          }
          this.#world.saw("secured");
          this.session.secured(this.now());
        });
      case "sign":
        return this.#later(wire, () => {
          if (this.#world.hasFaults && this.#world.random.once(20)) {
            this.#world.saw("signFailed");
            wire!.closeByClient(false);
            return this.lost(wire!, "the authenticator threw");
          }
          this.session.signed({ user: "u", pass: "p" }, this.now());
        });
      case "pause":
      case "resume": {
        const reads = action.do === "resume";
        hold("reading", this.#isReading !== reads, () => `${this.name}: ${action.do} twice in a row`);
        this.#world.note(`${this.name}: ${action.do}`);
        this.#world.saw(reads ? "resumed" : "paused");
        this.#isReading = reads;
        if (reads) this.#readingSince = this.#world.now;
        if (wire === undefined) return;
        wire.toClient.isPaused = !reads;
        if (reads) wire.toClient.resume();
        return;
      }
      case "close":
        this.#world.note(`${this.name} closes the connection to ${wire?.host.name}`);
        this.#resolving++;
        if (wire !== undefined) this.#disconnect();
        wire?.closeByClient(action.flushed);
    }
  }

  #resolve(name: string): void {
    const { random, schedule, now, hasFaults } = this.#world;
    this.#world.note(`${this.name} resolves ${name}`);
    const attempt = ++this.#resolving;
    this.pool.dialled(`${name}:4222`);
    if (hasFaults && random.once(25)) return;
    schedule.at(now + random.below(20), () => {
      if (this.#resolving !== attempt || this.wire !== undefined) return;
      if (hasFaults && random.once(25)) {
        this.#world.saw("unresolved");
        this.session.lost(`${name} is unknown`, this.now());
      } else {
        const addresses = this.#world.resolve();
        this.pool.resolved(addresses);
        this.session.resolved(addresses, this.now());
      }
      this.pump();
    });
  }

  #dial({ host: name, port, address: ip = name }: Endpoint): void {
    const { random, hosts, schedule, now } = this.#world;
    const address = `${ip}:${port}`;
    const host = hosts.find((one) => one.address === address);
    this.#world.note(`${this.name} dials ${host?.name ?? address}`);
    this.server = `${name}:${port}`;
    if (ip === name) this.pool.dialled(address);
    else this.pool.dialledAddress(this.server, ip);
    const wire = new Wire(this.#world, this, host ?? this.#world.unreachable);
    this.wire = wire;
    this.accounting.begin(this.session.stats);
    this.#isOpen = this.#hasInfo = this.#isSecuring = false;
    this.subscriber.renew();
    if (this.#world.hasFaults && random.once(25)) return wire.stopForwarding();
    schedule.at(now + random.below(20), () => this.#opened(wire));
  }

  #opened(wire: Wire): void {
    if (this.wire !== wire) return;
    if (wire.host.core === undefined) {
      this.#world.saw("refused");
      return this.lost(wire, "connection refused");
    }
    this.#isOpen = true;
    this.session.opened(this.now());
    this.pump();
    this.#later(wire, () => wire.host.accept(wire), true);
  }

  #disconnect(): void {
    if (!this.#isReading) this.#world.saw("pausedLost");
    this.#isReading = true;
    this.#isConnected = false;
    this.wire = undefined;
    this.pool.disconnected();
  }

  /** Models a received frame. Returns whether the session continues to receive. */
  #receive(frame: ReceivedFrame): boolean {
    switch (frame.op) {
      case "garbage":
        return false;
      case "err": {
        const known = serverError(frame.text);
        if (known?.survives !== false) {
          this.#world.saw("permission");
          this.#denied(frame.text);
          this.accounting.received(frame, this.wire!.serverReceived);
          return true;
        }
        this.#refused(known.code);
        return false;
      }
      case "ok":
      case "pong":
        this.accounting.received(frame, this.wire!.serverReceived);
        return true;
      case "msg":
        if (this.inboxes.has(frame.sid)) this.inboxes.received(frame);
        else this.subscriber.receive(frame);
        return true;
      default:
        return true;
    }
  }

  /** Models a permission error. It ends a subscription, or a request that waits. */
  #denied(text: string): void {
    const queue = /using queue "(\w+)"/.exec(text)?.[1];
    if (/for Subscription/.test(text)) return this.subscriber.denied(DENIED, queue);
    if (this.pending.denied(DENIED)) this.#world.saw("deniedRequest");
  }

  /** Models an error that ends the connection. Only a refusal of what CONNECT offered counts, and none during a TLS handshake. */
  #refused(code: string): void {
    if (this.#isSecuring) return;
    if (code === "AUTHENTICATION_TIMEOUT") this.#world.saw("authTimeout");
    if (code !== "AUTHORIZATION" && code !== "USER_EXPIRED") return;
    if (this.#isConnected) this.#world.saw("expired");
    else this.pool.refused(this.server, `${code} ${this.wire!.host.name}`);
  }

  /** Compares the subscriptions of both sides if nothing is in transit. */
  #compare(): void {
    const { wire } = this;
    if (wire === undefined || !this.#isConnected || !wire.isQuiet) return;
    const known = wire.host.subscriptionsOf(wire);
    const isOther = (sid: number): boolean =>
      this.inboxes.has(sid) || this.subscriber.subscriptions.get(sid)?.hadStatus === true;
    const there = known.filter((line) => !isOther(Number.parseInt(line, 10))).sort();
    const here = this.subscriber.lines.sort();
    const detail = (): string => `${this.name} has ${here.join(", ")}; ${wire.host.name} has ${there.join(", ")}`;
    hold("same", there.join("\n") === here.join("\n"), detail);
  }

  #later(wire: Wire | undefined, act: () => void, isQuiet = false): void {
    const { schedule, random, now } = this.#world;
    schedule.at(now + random.below(30), () => {
      if (this.wire === wire) {
        act();
        this.pump();
      } else if (!isQuiet) this.#world.saw("signLate");
    });
  }
}
