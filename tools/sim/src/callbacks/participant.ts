// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame } from "@natswire/codec";
import type { Connection, Message, Status } from "@natswire/io";
import type { PublishedMessage } from "../messages.ts";
import { SERVICE } from "../publisher.ts";
import { type ReceivedFrame, Wire, type WireClient } from "../wire.ts";
import type { CallbackWorld } from "./callback-world.ts";
import { Drains } from "./drains.ts";
import { WatchedSubscription } from "./watched-subscription.ts";
import { WireTransport } from "./wire-transport.ts";

const SUBJECTS = ["a", "b"];
const SIZES = [0, 20, 300];
// Timers take whole milliseconds, and the simulated clock has fractions.
const TIMER_UNIT = 1;

type Kind = "return" | "throw" | "wait" | "reject" | "request" | "publish" | "hang" | "drain";
const kinds: readonly (readonly [weight: number, kind: Kind])[] = [
  [8, "return"],
  [10, "wait"],
  [2, "throw"],
  [4, "reject"],
  [8, "request"],
  [4, "publish"],
  [1, "drain"],
];

/** A client with its connection, its program, and the models that check it. */
export class Participant implements WireClient {
  readonly name: string;
  readonly deadline = undefined;
  readonly subscriptions: WatchedSubscription[] = [];
  /** The messages of requests that were in progress at the end of the connection, or are. */
  readonly requests: Set<PublishedMessage> = new Set();
  /** When a callback last began or settled, or a request ended. */
  busyUntil = 0;
  /** The connection was paused at some time: replies may have come late. */
  wasPaused = false;
  /** The program closed the connection itself. */
  isClosedByProgram = false;
  readonly #world: CallbackWorld;
  readonly #isService: boolean;
  readonly #drains: Drains;
  readonly #published: PublishedMessage[] = [];
  // What callbacks threw or rejected with, until it is reported.
  readonly #thrown = new Set<unknown>();
  #connection: Connection | undefined;
  #transport: WireTransport | undefined;

  constructor(world: CallbackWorld, name: string, isService: boolean) {
    this.#world = world;
    this.name = name;
    this.#isService = isService;
    this.#drains = new Drains(world, this);
  }

  get wire(): Wire | undefined {
    return this.#transport?.isLive === true ? this.#transport.wire : undefined;
  }

  /** Connects, and begins to use the connection. */
  begin(): void {
    const { random, hosts, connectWith } = this.#world;
    const options = {
      servers: hosts.map(({ url }) => url),
      waitOnFirstConnect: true,
      noRandomize: random.once(2),
      timeout: 1000,
      pingInterval: random.pick([300, 1000]),
      reconnectTimeWait: 20,
      maxReconnectTimeWait: 200,
      onStatus: (status: Status) => this.#onStatus(status),
    };
    const dial = (
      to: { readonly host: string; readonly port: number },
      on: ConstructorParameters<typeof WireTransport>[2],
    ) => {
      const address = `${to.host}:${to.port}`;
      const host = hosts.find((one) => one.address === address) ?? this.#world.unreachable;
      this.#world.note(`${this.name} dials ${host.name}`);
      const wire = new Wire(this.#world, this, host);
      this.#transport = new WireTransport(this.#world, wire, on, (frames) => this.#sent(frames));
      return this.#transport;
    };
    this.track(async () => {
      this.#connection = await connectWith(dial, options);
      this.#world.note(`${this.name} is connected`);
      if (this.#isService) this.#subscribe(SERVICE);
      else this.#act();
    });
  }

  received(chunk: Uint8Array, frames: readonly ReceivedFrame[]): void {
    for (const frame of frames) {
      // The session stops at an error that ends the connection.
      if (frame.op === "garbage" || frame.op === "err") break;
      if (frame.op !== "msg") continue;
      const watched = this.subscriptions.find(({ subscription }) => subscription.sid === frame.sid);
      watched?.arrived(this.#world.messages.of(frame.subject, frame.payload).number);
    }
    this.#transport!.received(chunk);
  }

  released(bytes: number): void {
    this.#transport!.released(bytes);
  }

  lost(wire: Wire, detail: string): void {
    if (this.#transport?.wire !== wire) return;
    this.#world.note(`${this.name} lost ${wire.host.name}: ${detail}`);
    if (this.#connection?.isDraining === true) this.#drains.lost();
    this.#transport.lost(detail);
  }

  /** Runs a part of the program. */
  track(run: () => Promise<void>): void {
    this.#world.pending++;
    const end = (): void => void this.#world.pending--;
    run().then(end, this.#world.crash);
  }

  /** Drains the connection for the last time. All faults are over. */
  drainFinally(): void {
    const connection = this.#connection;
    if (connection === undefined) return this.#world.fail("connected", `${this.name} has no connection`);
    if (connection.isClosed) return;
    if (!connection.isConnected) this.#world.fail("connected", `${this.name} is not connected`);
    this.drain(10_000, true);
  }

  /** Checks what must hold at any time. */
  check(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    for (const error of this.#thrown) this.#world.fail("rejected", `${this.name}: "${error}" was not reported`);
    if (connection.isClosed) return;
    for (const watched of this.subscriptions) watched.check();
  }

  /** Checks what must hold at the end: everything published was received by a server, or counted as lost. */
  checkEnd(): void {
    const { fail } = this.#world;
    const { isClosed, stats } = this.#connection!;
    if (!isClosed) fail("cleanup", `${this.name} is not closed`);
    const { published, confirmed, unknown, dropped, inFlight, buffered } = stats;
    const own = this.#published.filter(({ isRefused }) => !isRefused);
    const lost = own.filter(({ wire }) => wire === undefined).length;
    if (published !== own.length || published !== confirmed + unknown + dropped + inFlight + buffered)
      fail("accounting", `${JSON.stringify(stats)}, but ${own.length} were published`);
    if (lost > unknown + dropped)
      fail("accounting", `${this.name} lost ${lost} messages, ${unknown} unknown, ${dropped} dropped`);
  }

  #sent(frames: readonly ClientFrame[]): void {
    const { messages, fail } = this.#world;
    for (const frame of frames) {
      if (frame.op !== "pub") continue;
      const message = messages.of(frame.subject, frame.payload);
      if (message.isSent) fail("once", `${this.name} sent #${message.number} twice`);
      if (message.isGivenUp) fail("givenUp", `#${message.number}`);
      message.isSent = true;
    }
  }

  #onStatus(status: Status): void {
    const { note, saw, fail } = this.#world;
    note.call(this.#world, `${this.name}: ${status.type}${status.type === "error" ? `: ${status.error.message}` : ""}`);
    if (status.type === "reconnect" && this.#connection?.isDraining === true) saw("drainReconnected");
    if (status.type !== "error" || !("isOwn" in status.error)) return;
    if (this.#connection?.isClosed === true) saw("lateRejection");
    if (!this.#thrown.delete(status.error))
      fail("rejected", `${this.name}: "${status.error.message}" was reported twice`);
  }

  readonly #act = (): void => {
    const { random, schedule, now, isActive, isDisturbed } = this.#world;
    const connection = this.#connection!;
    if (!isActive) return;
    if (connection.isClosed) return this.#world.add();
    random.weighted<() => void>([
      [14, () => this.#publishSome()],
      [6, () => this.#subscribe(random.pick(SUBJECTS))],
      [2, () => this.#unsubscribe()],
      [3, () => this.track(() => this.#request().catch(() => {}))],
      [3, () => this.#drainOne()],
      [3, () => this.drain(random.pick([200, 1000, 4000]))],
      [1, () => this.#close()],
      [1, () => isDisturbed && connection.reconnect()],
    ])();
    schedule.at(now + random.pick([1, 50, 200, 400]), this.#act);
  };

  #publishSome(): void {
    const { random } = this.#world;
    const subject = random.pick(SUBJECTS);
    for (let left = random.pick([1, 1, 3, 8]); left > 0; left--) this.#publish(subject);
  }

  #publish(subject: string): void {
    const message = this.#message(subject);
    this.#note(`publish ${subject} #${message.number}`);
    try {
      this.#connection!.publish(subject, message.payload);
    } catch (error) {
      message.isRefused = true;
      this.#checkClosed(error);
    }
  }

  #message(subject: string): PublishedMessage {
    const { random, messages } = this.#world;
    const message = messages.add(subject, random.pick(SIZES), this.#connection!.info === undefined);
    this.#published.push(message);
    return message;
  }

  /** Checks an error that only a closed connection may cause. */
  #checkClosed(error: unknown): void {
    const { code } = error as { readonly code?: unknown };
    if (code !== "CLOSED" || !this.#connection!.isClosed) this.#world.fail("draining", `${this.name}: ${error}`);
  }

  /** Sends a request, which passes while the connection drains. */
  async #request(): Promise<void> {
    const { random, answers, messages, now, isDisturbed } = this.#world;
    const connection = this.#connection!;
    const timeout = random.pick([1000, 2000]);
    const isDraining = connection.isDraining;
    const message = this.#message(SERVICE);
    if (connection.isClosed) message.isRefused = true;
    else this.requests.add(message);
    this.#note(`request #${message.number} within ${timeout}${isDraining ? ", draining" : ""}`);
    try {
      const { subject, payload } = await connection.request(SERVICE, message.payload, { timeout });
      this.#ended(message);
      const { number } = messages.of(subject, payload);
      if (answers.get(message.number) !== number) this.#world.fail("answered", `#${message.number} by #${number}`);
      if (isDraining) this.#world.saw("requestDraining");
    } catch (error) {
      if (!message.isSent) message.isGivenUp = true;
      const { code } = error as { readonly code?: string };
      const isEarly = code === "TIMEOUT" && this.#world.now < now + timeout;
      const isClosed = code === "CLOSED" && connection.isClosed;
      if (!isClosed) this.#ended(message);
      const isByFault = (isDisturbed || this.wasPaused) && /^(TIMEOUT|LOST|NO_RESPONDERS)$/.test(code ?? "");
      if (isEarly || !(isClosed || isByFault))
        this.#world.fail("draining", `${this.name}, #${message.number}: ${error}`);
      throw error;
    } finally {
      const late = this.#world.now - now - timeout;
      if (late >= TIMER_UNIT && this.#world.lastJump < now)
        this.#world.fail("answered", `${this.name}: #${message.number} ended ${late} ms after its timeout`);
    }
  }

  /** A request has ended, and not because the connection was closed. */
  #ended(message: PublishedMessage): void {
    this.requests.delete(message);
    this.busyUntil = this.#world.now;
  }

  #subscribe(subject: string): void {
    const { random, fail } = this.#world;
    const connection = this.#connection!;
    if (this.subscriptions.filter(({ isOver }) => !isOver).length > 5) return this.#unsubscribe();
    const concurrency = this.#isService ? undefined : random.pick([undefined, 1, 1, 2, 3]);
    const limits = concurrency === undefined || random.once(2) ? {} : { maxMessages: random.pick([2, 8]) };
    const overflow = random.pick(["drop-newest", "drop-oldest"] as const);
    const queue = random.once(4) && !this.#isService ? "q" : undefined;
    const watched = new WatchedSubscription(subject, concurrency ?? Number.POSITIVE_INFINITY, fail);
    const { isDraining } = connection;
    try {
      const callback = (message: Message): unknown => this.#call(watched, message);
      watched.subscription = connection.subscribe(subject, { callback, concurrency, queue, ...limits, overflow });
      if (isDraining) fail("draining", `${this.name} subscribed while it drained`);
      this.subscriptions.push(watched);
      this.#note(`subscribe ${subject}, ${concurrency} at once: ${watched.subscription.sid}`);
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code !== "DRAINING" || !isDraining) this.#checkClosed(error);
    }
  }

  #unsubscribe(): void {
    const live = this.subscriptions.filter(({ isOver }) => !isOver);
    if (live.length === 0) return;
    const watched = this.#world.random.pick(live);
    this.#note(`unsubscribe ${watched.subscription.sid}`);
    watched.isOver = true;
    watched.subscription.unsubscribe();
  }

  #close(): void {
    const connection = this.#connection!;
    if (connection.isDraining) this.#world.saw("drainClosed");
    this.#note("close");
    this.isClosedByProgram = true;
    this.track(() => connection.close());
  }

  #drainOne(): void {
    if (this.subscriptions.length === 0) return;
    const { random } = this.#world;
    const watched = random.pick(this.subscriptions);
    const timeout = random.pick([200, 1000, 4000]);
    this.#note(`drain ${watched.subscription.sid} within ${timeout}`);
    this.track(() => this.#drains.drainOne(this.#connection!, watched, timeout));
  }

  /** Drains the connection. @param isFinal it must succeed, unless a callback is still running */
  drain(timeout: number, isFinal = false): void {
    this.#note(`drain within ${timeout}`);
    this.track(() => this.#drains.drain(this.#connection!, { timeout, isFinal }));
  }

  #call(watched: WatchedSubscription, message: Message): unknown {
    const { random, messages, fail, isActive } = this.#world;
    const { number } = messages.of(message.subject, message.payload);
    if (this.#connection!.isClosed) fail("ended", `${this.name}: #${number} after the connection was closed`);
    watched.called(number);
    this.busyUntil = this.#world.now;
    const kind = isActive && random.once(60) ? "hang" : random.weighted(kinds);
    this.#note(`#${number} for sid ${watched.subscription.sid}${this.#isService ? "" : `: ${kind}`}`);
    if (this.#isService) return this.#run(watched, () => this.#respond(message, number));
    if (kind === "return") return undefined;
    if (kind === "throw") {
      const error = this.#error("thrown");
      this.#thrown.add(error);
      throw error;
    }
    return this.#run(watched, () => this.#work(kind));
  }

  /** Runs an async callback. */
  async #run(watched: WatchedSubscription, work: () => Promise<void>): Promise<void> {
    watched.running++;
    try {
      await work();
    } catch (error) {
      if (this.#connection!.isDraining) this.#world.saw("rejectedDraining");
      // What a closed connection causes after its end is expected, and not reported.
      if ((error as { readonly code?: unknown }).code !== "CLOSED")
        this.#thrown.add(Object.assign(error as Error, { isOwn: true }));
      throw error;
    } finally {
      watched.running--;
      this.busyUntil = this.#world.now;
    }
  }

  async #work(kind: Kind): Promise<void> {
    const { random } = this.#world;
    if (kind === "hang") return new Promise(() => {});
    await this.#world.sleep(random.pick([0, 1, 40, 300, 1200]));
    if (kind === "reject") throw this.#error("rejected");
    if (kind === "request") for (let left = random.pick([1, 1, 2]); left > 0; left--) await this.#request();
    if (kind === "publish") this.#publish("out");
    if (kind !== "drain" || !this.#world.isActive) return;
    this.#world.saw("drainItself");
    await this.#drains.drain(this.#connection!, { timeout: random.pick([200, 1000]), isFinal: false });
  }

  async #respond(message: Message, request: number): Promise<void> {
    const { random, answers } = this.#world;
    await this.#world.sleep(random.below(50));
    const reply = this.#message(message.reply!);
    answers.set(request, reply.number);
    if (!message.respond(reply.payload)) reply.isRefused = true;
  }

  #error(text: string): Error {
    return Object.assign(new Error(`${text} at ${this.#world.now}`), { isOwn: true });
  }

  #note(line: string): void {
    this.#world.note(`${this.name}: ${line}`);
  }
}
