// SPDX-License-Identifier: Apache-2.0
import { serverError } from "@natswire/codec";
import type { Action, Session, SessionConfig } from "@natswire/session";
import { outputsOf, segmentsOf } from "../../testkit/machine.ts";
import { Books } from "./books.ts";
import { Inboxes } from "./inboxes.ts";
import { hold } from "./laws.ts";
import { Pool } from "./pool.ts";
import { Program } from "./program.ts";
import { Questions } from "./questions.ts";
import { Subscriber } from "./subscriber.ts";
import { tell } from "./telling.ts";
import { type Heard, Wire } from "./wire.ts";
import type { World } from "./world.ts";

// Longer payloads are written from where they lie.
const BY_REFERENCE = 8192;

/** One session with its connections, and all that it is held to. */
export class Client {
  readonly name: string;
  readonly config: SessionConfig;
  readonly session: Session;
  readonly subscriber: Subscriber;
  readonly questions: Questions = new Questions();
  readonly inboxes: Inboxes;
  readonly books: Books;
  readonly pool: Pool;
  readonly program: Program;
  /** The connection there is, or is to be. */
  wire: Wire | undefined;
  /** The session was told of no later time. */
  clock = 0;
  isClosed = false;
  readonly #world: World;
  #isOpen = false;
  #isGreeted = false;
  #isIn = false;
  #isReading = true;
  /** Since when it reads again. */
  #readingSince = 0;

  constructor(world: World, name: string, config: SessionConfig, addresses: readonly string[]) {
    this.#world = world;
    this.name = name;
    this.config = config;
    const saw = world.saw;
    this.pool = new Pool(config, addresses, saw);
    this.subscriber = new Subscriber(world.ledger, saw);
    this.inboxes = new Inboxes(this.subscriber, this.questions, world.ledger, saw);
    this.books = new Books(world, config);
    this.program = new Program(world, this);
    this.session = new world.under.Session(config, this.now());
    this.pump();
  }

  /** What the session is told of the time; not always what it was told before. */
  now(): number {
    const told = this.#world.told();
    if (told < this.clock) this.#world.saw("backwards");
    this.clock = Math.max(this.clock, told);
    return told;
  }

  /** It is connected, to a server that hears it. */
  get isAlive(): boolean {
    return this.#isIn && this.wire?.up.isDead === false && !this.wire.down.isDead && this.wire.host.has(this.wire);
  }

  heard(chunk: Uint8Array, frames: readonly Heard[]): void {
    if (frames.length === 0 && !this.#isGreeted) this.#world.saw("splitInfo");
    if (frames.length > 0) this.#isGreeted = true;
    for (const frame of frames) if (!this.#hear(frame)) break;
    this.books.bytesReceived += chunk.length;
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

  lose(wire: Wire, detail: string): void {
    if (this.wire !== wire) return;
    this.#world.note(`${this.name} has lost ${wire.host.name}: ${detail}`);
    this.#leave();
    this.session.lost(detail, this.now());
    this.pump();
  }

  elapsed(): void {
    const { now, lastJump } = this.#world;
    this.clock = Math.max(this.clock, now);
    if (this.#isIn) this.pool.elapsed(now);
    const { wire } = this;
    const late = this.books.isAnswered ? undefined : this.#isOpen ? "handshakeTimeout" : "dialTimeout";
    this.session.elapsed(now);
    this.pump();
    if (wire !== undefined && this.wire !== wire && late !== undefined) this.#world.saw(late);
    const { deadline } = this.session;
    hold("busy", deadline === undefined || deadline > now, () => `${this.name} wants to be called at ${deadline}`);
    this.questions.checkOverdue(now, lastJump);
  }

  /** What must hold at any time. */
  check(): void {
    const { now, lastJump } = this.#world;
    if (this.isClosed) return;
    hold("wayOn", this.wire !== undefined || this.session.deadline !== undefined, () => this.name);
    this.questions.checkOverdue(now, lastJump);
    // The first PING behind a pause comes an interval later: it asks who may be heard.
    const { maxPingOut, pingInterval } = this.config;
    const patience = (maxPingOut + 1) * pingInterval;
    const since = Math.max(this.books.answeredAt, lastJump, this.#readingSince + pingInterval);
    const isSilent = this.#isIn && this.#isReading && now > since + patience;
    hold("silent", !isSilent, () => `${this.name} heard its last PONG at ${this.books.answeredAt}`);
  }

  /** Does all that the session wants done and tells. */
  pump(): void {
    this.#transmit();
    for (const one of outputsOf(this.session)) {
      hold("closed", !this.isClosed, () => `behind it came ${JSON.stringify(one)}`);
      if ("do" in one) this.#act(one);
      else tell(this, this.#world, one);
      this.#transmit();
    }
    hold(
      "closed",
      this.isClosed || !this.program.publisher.wasTooLate,
      () => "it refuses to publish and has not told why",
    );
    this.subscriber.checkTold();
    const { stats } = this.session;
    this.subscriber.checkCounts(stats);
    this.books.check(stats, this.program.publisher.published);
  }

  /** The server let it in. */
  entered(): void {
    this.#isIn = true;
    this.pool.connected(this.wire!.host.address, this.clock);
  }

  #transmit(): void {
    const segments = [...segmentsOf(() => this.session.transmit())];
    if (segments.length === 0) return;
    for (const { length } of segments) this.books.bytesSent += length;
    if (segments.some(({ length, buffer }) => length > BY_REFERENCE && length === buffer.byteLength)) {
      this.#world.saw("byReference");
    }
    for (const frame of this.wire!.say(segments)) {
      this.books.say(frame);
      if (frame.op !== "unsub" || frame.max === undefined) continue;
      const { max = 0 } = this.subscriber.subscriptions.get(Number(frame.sid)) ?? {};
      if (frame.max < max) this.#world.saw("remainder");
    }
  }

  #act(action: Action): void {
    const { wire } = this;
    switch (action.do) {
      case "dial":
        return this.#dial(`${action.to.host}:${action.to.port}`);
      case "start-tls":
        return this.#later(wire, () => {
          if (this.#world.isTroubled && this.#world.random.once(20)) {
            this.#world.saw("tlsFailed");
            return wire!.reset();
          }
          this.#world.saw("secured");
          this.session.secured(this.now());
        });
      case "sign":
        return this.#later(wire, () => {
          if (this.#world.isTroubled && this.#world.random.once(20)) {
            this.#world.saw("signFailed");
            wire!.hangUp(false);
            return this.lose(wire!, "the authenticator threw");
          }
          this.session.signed({ user: "u", pass: "p" }, this.now());
        });
      case "pause":
      case "resume": {
        const reads = action.do === "resume";
        hold("reading", this.#isReading !== reads, () => `${this.name}: ${action.do} for the second time`);
        this.#world.note(`${this.name}: ${action.do}`);
        this.#world.saw(reads ? "resumed" : "paused");
        this.#isReading = reads;
        if (reads) this.#readingSince = this.#world.now;
        if (wire === undefined) return;
        wire.down.isPaused = !reads;
        if (reads) wire.down.resume();
        return;
      }
      case "close":
        this.#world.note(`${this.name} hangs up on ${wire?.host.name}`);
        if (wire !== undefined) this.#leave();
        wire?.hangUp(action.flushed);
    }
  }

  #dial(address: string): void {
    const { random, hosts, agenda, now } = this.#world;
    const host = hosts.find((one) => one.address === address);
    this.#world.note(`${this.name} dials ${host?.name ?? address}`);
    this.pool.dialled(address);
    const wire = new Wire(this.#world, this, host ?? this.#world.ghost);
    this.wire = wire;
    this.books.begin(this.session.stats);
    this.#isOpen = this.#isGreeted = false;
    this.subscriber.renew();
    if (this.#world.isTroubled && random.once(25)) return wire.swallow();
    agenda.at(now + random.below(20), () => this.#arrive(wire));
  }

  #arrive(wire: Wire): void {
    if (this.wire !== wire) return;
    if (wire.host.core === undefined) {
      this.#world.saw("refused");
      return this.lose(wire, "nobody listens");
    }
    this.#isOpen = true;
    this.session.opened(this.now());
    this.pump();
    this.#later(wire, () => wire.host.accept(wire), true);
  }

  #leave(): void {
    if (!this.#isReading) this.#world.saw("pausedLost");
    this.#isReading = true;
    this.#isIn = false;
    this.wire = undefined;
    this.pool.disconnected();
  }

  /** @returns whether the session goes on listening */
  #hear(frame: Heard): boolean {
    switch (frame.op) {
      case "garbage":
        return false;
      case "err": {
        const known = serverError(frame.text);
        if (known?.survives !== false) {
          this.#world.saw("permission");
          this.books.hear(frame, this.wire!.read);
          return true;
        }
        if (/^AUTH/.test(known.code)) this.pool.refused(this.wire!.host.address);
        return false;
      }
      case "ok":
      case "pong":
        this.books.hear(frame, this.wire!.read);
        return true;
      case "msg":
        if (this.inboxes.has(frame.sid)) this.inboxes.heard(frame);
        else this.subscriber.heard(frame);
        return true;
      default:
        return true;
    }
  }

  /** Where nothing is under way, both sides know the same. */
  #compare(): void {
    const { wire } = this;
    if (wire === undefined || !this.#isIn || !wire.isQuiet) return;
    const known = wire.host.subscriptionsOf(wire);
    const isOther = (sid: number): boolean =>
      this.inboxes.has(sid) || this.subscriber.subscriptions.get(sid)?.hadStatus === true;
    const there = known.filter((line) => !isOther(Number.parseInt(line, 10))).sort();
    const here = this.subscriber.lines.sort();
    const shown = (): string => `${this.name} has ${here.join(", ")}; ${wire.host.name} knows ${there.join(", ")}`;
    hold("same", there.join("\n") === here.join("\n"), shown);
  }

  #later(wire: Wire | undefined, act: () => void, isQuiet = false): void {
    const { agenda, random, now } = this.#world;
    agenda.at(now + random.below(30), () => {
      if (this.wire === wire) {
        act();
        this.pump();
      } else if (!isQuiet) this.#world.saw("signLate");
    });
  }
}
