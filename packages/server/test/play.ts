// SPDX-License-Identifier: Apache-2.0
// The server and the naive one side by side: what happens, happens to both, and what is heard is compared.
import { Decoder, type ServerFrame, serverFrames } from "@natswire/codec";
import { latin1 as bytes, fromLatin1 as text } from "../../../tools/testkit/latin1.ts";
import { deadlinesUntil, outputsOf, segmentsOf } from "../../../tools/testkit/machine.ts";
import { ServerCore } from "../src/index.ts";
import { messageText, NaiveServer, type Options, PROGRAM, type Published, type Said } from "./naive-server.ts";

/** What happens, to a slot that holds at most one connection: it is opened where it has to be. */
export type Operation =
  | { readonly do: "connect"; readonly slot: number; readonly options: Options }
  | { readonly do: "say"; readonly slot: number; readonly said: Said }
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

/** Plays what happens; throws where a peer hears something else than it should. */
export class Play {
  readonly #core: ServerCore;
  readonly #naive: NaiveServer;
  readonly #slots: (number | undefined)[] = [];
  readonly #ears = new Map<number, Ear>([[PROGRAM, new Ear()]]);
  // What the naive server is told once everything was heard.
  #since: (() => void)[] = [];
  #now = 0;
  #published = 0;
  #lastSid = 0;

  constructor(seed: number) {
    this.#core = new ServerCore({ random: fillsFrom(seed), ...limits });
    this.#naive = new NaiveServer(limits, (peer) => this.#ears.get(peer)!.heard);
  }

  run(operations: readonly Operation[]): void {
    for (const operation of operations) this.#do(operation);
    this.#settle();
    for (const id of [PROGRAM, ...this.#slots]) if (id !== undefined) this.#compare(id);
    for (const slot of this.#slots.keys()) this.#lose(slot);
    for (let i = 1; i <= this.#lastSid; i++) this.#core.unsubscribe(i);
    const { connections, subscriptions } = this.#core.stats;
    same(`${connections} ${subscriptions} ${this.#core.deadline}`, "0 0 undefined", "kept of nobody");
  }

  #do(operation: Operation): void {
    switch (operation.do) {
      case "connect": {
        if (this.#hasEnded(operation.slot)) this.#lose(operation.slot);
        return this.#say(operation.slot, { op: "connect", options: operation.options });
      }
      case "say":
        return this.#say(operation.slot, operation.said);
      case "lose":
        return this.#lose(operation.slot);
      case "pass":
        return this.#pass(operation.time);
      case "settle":
        return this.#settle();
      case "publish": {
        const message = this.#unique(operation.message);
        const count = this.#core.publish(asMessage(message));
        this.#since.push(() => same(String(count), String(this.#naive.publish(message)), "received by"));
        return;
      }
      case "subscribe": {
        const sid = this.#core.subscribe(operation.pattern, operation.queue);
        this.#lastSid = sid;
        this.#since.push(() => this.#naive.subscribe(operation.pattern, operation.queue, String(sid)));
        return;
      }
      case "unsubscribe": {
        this.#core.unsubscribe(operation.sid, operation.max);
        this.#since.push(() => this.#naive.unsubscribe(String(operation.sid), operation.max));
        return;
      }
    }
  }

  #say(slot: number, words: Said): void {
    const now = this.#now;
    const id = this.#slots[slot] ?? this.#open(slot);
    const said = words.op === "pub" ? { ...words, ...this.#unique(words) } : words;
    this.#core.received(id, bytesOf(said), now);
    this.#since.push(() => this.#naive.say(id, said, now));
  }

  #open(slot: number): number {
    const now = this.#now;
    const id = this.#core.opened(now);
    this.#slots[slot] = id;
    this.#ears.set(id, new Ear());
    this.#since.push(() => this.#naive.open(id, now));
    return id;
  }

  #lose(slot: number): void {
    const id = this.#slots[slot];
    if (id === undefined) return;
    this.#slots[slot] = undefined;
    // What was written to the socket by then is heard; the rest is the others'.
    this.#ears.get(id)!.listen(this.#core, id);
    this.#core.lost(id, this.#now);
    this.#since.push(() => this.#naive.lost(id));
  }

  #pass(time: number): void {
    const end = this.#now + time;
    for (const at of deadlinesUntil(this.#core, end)) {
      this.#core.elapsed(at);
      this.#since.push(() => this.#naive.pass(at));
    }
    this.#now = end;
    // Too early for anything.
    this.#core.elapsed(end);
  }

  /** Everything is heard and compared. */
  #settle(): void {
    for (const id of [...this.#core.writable]) this.#ears.get(id)!.listen(this.#core, id);
    const ended = new Set<number>();
    for (const action of outputsOf(this.#core)) {
      if (action.do === "close") ended.add(action.connection);
      if (action.do === "deliver")
        this.#ears.get(PROGRAM)!.heard.push(deliveredText(action.message, action.subscription));
    }
    for (const step of this.#since) step();
    this.#since = [];
    for (const id of ended) if (this.#isOpen(id)) same(String(this.#naive.isClosed(id)), "true", `peer ${id} is ended`);
    for (const [id, { heard }] of this.#ears) {
      if (heard.length > 0) throw new Error(`peer ${id} should not have heard ${heard[0]}`);
      if (id !== PROGRAM && !this.#isOpen(id)) this.#ears.delete(id);
    }
    const { connections, subscriptions, published, delivered } = this.#naive;
    const expected = { connections, subscriptions, published, delivered, slow: 0 };
    same(JSON.stringify(this.#core.stats), JSON.stringify(expected), "counts");
  }

  #isOpen(id: number): boolean {
    return this.#slots.includes(id);
  }

  #hasEnded(slot: number): boolean {
    this.#settle();
    const id = this.#slots[slot];
    return id !== undefined && this.#naive.isClosed(id);
  }

  #compare(id: number): void {
    const own = this.#core.connection(id)?.subscriptions;
    const lines = own?.map((one) => `${one.subject} ${one.queue} ${one.sid} ${one.delivered} ${one.max}`).sort();
    if (lines !== undefined) same(lines.join("\n"), this.#naive.subscriptionsOf(id).join("\n"), `peer ${id} has`);
  }

  #unique(message: Published): Published {
    const { subject, reply, headers, payload } = message;
    return { subject, reply, headers, payload: `${payload}#${++this.#published}` };
  }
}

/** What one peer heard, as text; what it was told is not changed while it may still be reading. */
class Ear {
  readonly heard: string[] = [];
  readonly #decoder = new Decoder(serverFrames);
  readonly #reading: { readonly segment: Uint8Array; readonly was: Uint8Array }[] = [];

  listen(core: ServerCore, id: number): void {
    for (const { segment, was } of this.#reading.splice(0)) {
      if (segment.some((byte, i) => byte !== was[i])) throw new Error(`what peer ${id} was told changed`);
      core.released(id, segment.length);
    }
    for (const segment of segmentsOf(() => core.transmit(id))) {
      this.#reading.push({ segment, was: segment.slice() });
      this.#decoder.push(segment);
      for (const frame of this.#decoder) this.heard.push(frameText(frame));
    }
  }
}

function frameText(frame: ServerFrame): string {
  switch (frame.op) {
    case "msg": {
      if (frame.flaw !== undefined) throw new Error(`a flawed ${frame.flaw} was relayed: ${frame.subject}`);
      const { subject, reply, sid } = frame;
      const headers = frame.headers === undefined ? undefined : text(frame.headers);
      return messageText({ subject, reply, headers, payload: text(frame.payload) }, String(sid));
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
  const block = headers === undefined ? undefined : text(headers);
  return messageText({ subject, reply, headers: block, payload: text(payload) }, String(sid));
}

function asMessage({ subject, reply, headers, payload }: Published): Delivered {
  return { subject, reply, headers: headers === undefined ? undefined : bytes(headers), payload: bytes(payload) };
}

function bytesOf(said: Said): Uint8Array {
  switch (said.op) {
    case "connect":
      return bytes(`CONNECT ${JSON.stringify(said.options)}\r\n`);
    case "sub":
      return bytes(`SUB ${said.subject} ${said.queue ?? ""} ${said.sid}\r\n`);
    case "unsub":
      return bytes(`UNSUB ${said.sid} ${said.max ?? ""}\r\n`);
    case "pub": {
      const { subject, reply = "", headers, payload } = said;
      if (headers === undefined) return bytes(`PUB ${subject} ${reply} ${payload.length}\r\n${payload}\r\n`);
      const size = headers.length + payload.length;
      return bytes(`HPUB ${subject} ${reply} ${headers.length} ${size}\r\n${headers}${payload}\r\n`);
    }
    default:
      return bytes(`${said.op.toUpperCase()}\r\n`);
  }
}

function same(got: string, wanted: string, what: string): void {
  if (got !== wanted) throw new Error(`${what} ${got}, not ${wanted}`);
}

function fillsFrom(seed: number): (into: Uint8Array) => void {
  let state = seed | 1;
  return (into) => {
    for (let i = 0; i < into.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      into[i] = state;
    }
  };
}
