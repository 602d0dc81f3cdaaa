// SPDX-License-Identifier: Apache-2.0
// Runs the same operations on the server and on the model, and compares what each peer receives.
import { Decoder, type ServerFrame, serverFrames } from "@natswire/codec";
import { fromLatin1, latin1 } from "../../../../tools/testkit/latin1.ts";
import { deadlinesUntil, outputsOf, segmentsOf } from "../../../../tools/testkit/machine.ts";
import { Random } from "../../../../tools/testkit/random.ts";
import { ServerCore } from "../../src/index.ts";
import {
  type ClientOperation,
  messageText,
  NaiveServer,
  type Options,
  PROGRAM,
  type Published,
} from "./naive-server.ts";

/** One operation. A slot holds at most one connection, which is opened if necessary. */
export type Operation =
  | { readonly do: "connect"; readonly slot: number; readonly options: Options }
  | { readonly do: "say"; readonly slot: number; readonly said: ClientOperation }
  | { readonly do: "lose"; readonly slot: number }
  | { readonly do: "pass"; readonly time: number }
  | { readonly do: "settle" }
  | { readonly do: "publish"; readonly message: Published }
  | { readonly do: "subscribe"; readonly pattern: string; readonly queue: string | undefined }
  | { readonly do: "unsubscribe"; readonly sid: number; readonly max: number | undefined };

const limits = {
  pingInterval: 1000,
  pingMax: 2,
  maxPayload: 64,
  maxSubscriptions: 6,
  maxTokens: 4,
  maxSubject: 20,
};

/** Runs operations, and throws if a peer receives anything but what the model expects. */
export class ModelRun {
  readonly #core: ServerCore;
  readonly #naive: NaiveServer;
  readonly #slots: (number | undefined)[] = [];
  readonly #readers = new Map<number, FrameReader>([[PROGRAM, new FrameReader()]]);
  // Steps of the model, run after everything has been received.
  #pendingSteps: (() => void)[] = [];
  #now = 0;
  #published = 0;
  #lastSid = 0;

  constructor(seed: number) {
    this.#core = new ServerCore({ random: seededRandom(seed), ...limits });
    this.#naive = new NaiveServer(limits, (peer) => this.#readers.get(peer)!.received);
  }

  run(operations: readonly Operation[]): void {
    for (const operation of operations) this.#apply(operation);
    this.#settle();
    for (const id of [PROGRAM, ...this.#slots]) if (id !== undefined) this.#compare(id);
    for (const slot of this.#slots.keys()) this.#lose(slot);
    for (let i = 1; i <= this.#lastSid; i++) this.#core.unsubscribe(i);
    const { connections, subscriptions } = this.#core.stats;
    expectEqual(
      `${connections} ${subscriptions} ${this.#core.deadline}`,
      "0 0 undefined",
      "after all connections were lost",
    );
  }

  #apply(operation: Operation): void {
    switch (operation.do) {
      case "connect": {
        if (this.#isClosed(operation.slot)) this.#lose(operation.slot);
        return this.#send(operation.slot, { op: "connect", options: operation.options });
      }
      case "say":
        return this.#send(operation.slot, operation.said);
      case "lose":
        return this.#lose(operation.slot);
      case "pass":
        return this.#advance(operation.time);
      case "settle":
        return this.#settle();
      case "publish": {
        const message = this.#unique(operation.message);
        const count = this.#core.publish(asMessage(message));
        this.#pendingSteps.push(() => expectEqual(String(count), String(this.#naive.publish(message)), "received by"));
        return;
      }
      case "subscribe": {
        const sid = this.#core.subscribe(operation.pattern, operation.queue);
        this.#lastSid = sid;
        this.#pendingSteps.push(() => this.#naive.subscribe(operation.pattern, operation.queue, String(sid)));
        return;
      }
      case "unsubscribe": {
        this.#core.unsubscribe(operation.sid, operation.max);
        this.#pendingSteps.push(() => this.#naive.unsubscribe(String(operation.sid), operation.max));
        return;
      }
    }
  }

  #send(slot: number, given: ClientOperation): void {
    const now = this.#now;
    const id = this.#slots[slot] ?? this.#open(slot);
    const operation = given.op === "pub" ? { ...given, ...this.#unique(given) } : given;
    this.#core.received(id, bytesOf(operation), now);
    this.#pendingSteps.push(() => this.#naive.handle(id, operation, now));
  }

  #open(slot: number): number {
    const now = this.#now;
    const id = this.#core.opened(now);
    this.#slots[slot] = id;
    this.#readers.set(id, new FrameReader());
    this.#pendingSteps.push(() => this.#naive.open(id, now));
    return id;
  }

  #lose(slot: number): void {
    const id = this.#slots[slot];
    if (id === undefined) return;
    this.#slots[slot] = undefined;
    // What has been transmitted by now is received; the rest is not.
    this.#readers.get(id)!.read(this.#core, id);
    this.#core.lost(id, this.#now);
    this.#pendingSteps.push(() => this.#naive.lost(id));
  }

  #advance(time: number): void {
    const end = this.#now + time;
    for (const at of deadlinesUntil(this.#core, end)) {
      this.#core.elapsed(at);
      this.#pendingSteps.push(() => this.#naive.advance(at));
    }
    this.#now = end;
    // Too early: nothing may happen.
    this.#core.elapsed(end);
  }

  /** Receives everything, runs the model, and compares. */
  #settle(): void {
    for (const id of [...this.#core.writable]) this.#readers.get(id)!.read(this.#core, id);
    const closed = new Set<number>();
    for (const action of outputsOf(this.#core)) {
      if (action.do === "close") closed.add(action.connection);
      if (action.do === "deliver")
        this.#readers.get(PROGRAM)!.received.push(deliveredText(action.message, action.subscription));
    }
    for (const step of this.#pendingSteps) step();
    this.#pendingSteps = [];
    for (const id of closed)
      if (this.#isOpen(id)) expectEqual(String(this.#naive.isClosed(id)), "true", `peer ${id} is ended`);
    for (const [id, { received }] of this.#readers) {
      if (received.length > 0) throw new Error(`peer ${id} should not have received ${received[0]}`);
      if (id !== PROGRAM && !this.#isOpen(id)) this.#readers.delete(id);
    }
    const { connections, subscriptions, published, delivered } = this.#naive;
    const expected = { connections, subscriptions, published, delivered, slow: 0 };
    const { opened, publishedBytes, deliveredBytes, ...counts } = this.#core.stats;
    expectEqual(JSON.stringify(counts), JSON.stringify(expected), "counts");
  }

  #isOpen(id: number): boolean {
    return this.#slots.includes(id);
  }

  #isClosed(slot: number): boolean {
    this.#settle();
    const id = this.#slots[slot];
    return id !== undefined && this.#naive.isClosed(id);
  }

  #compare(id: number): void {
    const own = this.#core.connection(id)?.subscriptions;
    const lines = own?.map((one) => `${one.subject} ${one.queue} ${one.sid} ${one.delivered} ${one.max}`).sort();
    if (lines !== undefined)
      expectEqual(lines.join("\n"), this.#naive.subscriptionsOf(id).join("\n"), `peer ${id} has`);
  }

  #unique(message: Published): Published {
    const { subject, reply, headers, payload } = message;
    return { subject, reply, headers, payload: `${payload}#${++this.#published}` };
  }
}

/** Reads the frames that one peer receives, as text. Checks that a segment does not change before its release. */
class FrameReader {
  readonly received: string[] = [];
  readonly #decoder = new Decoder(serverFrames);
  readonly #unreleased: { readonly segment: Uint8Array; readonly was: Uint8Array }[] = [];

  read(core: ServerCore, id: number): void {
    for (const { segment, was } of this.#unreleased.splice(0)) {
      if (segment.some((byte, i) => byte !== was[i]))
        throw new Error(`a segment for peer ${id} changed before its release`);
      core.released(id, segment.length);
    }
    for (const segment of segmentsOf(() => core.transmit(id))) {
      this.#unreleased.push({ segment, was: segment.slice() });
      this.#decoder.push(segment);
      for (const frame of this.#decoder) this.received.push(frameText(frame));
    }
  }
}

function frameText(frame: ServerFrame): string {
  switch (frame.op) {
    case "msg": {
      if (frame.flaw !== undefined) throw new Error(`a flawed ${frame.flaw} was relayed: ${frame.subject}`);
      const { subject, reply, sid } = frame;
      const headers = frame.headers === undefined ? undefined : fromLatin1(frame.headers);
      return messageText({ subject, reply, headers, payload: fromLatin1(frame.payload) }, String(sid));
    }
    case "err":
      return `-ERR ${frame.text}`;
    case "ok":
      return "+OK";
    default:
      return frame.op.toUpperCase();
  }
}

type Delivered = Parameters<ServerCore["publish"]>[0];

function deliveredText({ subject, reply, headers, payload }: Delivered, sid: number): string {
  const block = headers === undefined ? undefined : fromLatin1(headers);
  return messageText({ subject, reply, headers: block, payload: fromLatin1(payload) }, String(sid));
}

function asMessage({ subject, reply, headers, payload }: Published): Delivered {
  return { subject, reply, headers: headers === undefined ? undefined : latin1(headers), payload: latin1(payload) };
}

function bytesOf(said: ClientOperation): Uint8Array {
  switch (said.op) {
    case "connect":
      return latin1(`CONNECT ${JSON.stringify(said.options)}\r\n`);
    case "sub":
      return latin1(`SUB ${said.subject} ${said.queue ?? ""} ${said.sid}\r\n`);
    case "unsub":
      return latin1(`UNSUB ${said.sid} ${said.max ?? ""}\r\n`);
    case "pub": {
      const { subject, reply = "", headers, payload } = said;
      if (headers === undefined) return latin1(`PUB ${subject} ${reply} ${payload.length}\r\n${payload}\r\n`);
      const size = headers.length + payload.length;
      return latin1(`HPUB ${subject} ${reply} ${headers.length} ${size}\r\n${headers}${payload}\r\n`);
    }
    default:
      return latin1(`${said.op.toUpperCase()}\r\n`);
  }
}

function expectEqual(got: string, wanted: string, what: string): void {
  if (got !== wanted) throw new Error(`${what} ${got}, not ${wanted}`);
}

function seededRandom(seed: number): (into: Uint8Array) => void {
  const random = new Random(seed);
  return (into) => {
    for (let i = 0; i < into.length; i++) into[i] = random.below(256);
  };
}
