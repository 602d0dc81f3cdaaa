// SPDX-License-Identifier: Apache-2.0
// A model of a NATS server: one list of subscriptions, compared with each message token by token. It follows the protocol
// and this project's decisions (docs/decisions/0007). Frames are text, as `frameText` formats them.

/** What a client sends. */
export type ClientOperation =
  | { readonly op: "connect"; readonly options: Options }
  | { readonly op: "sub"; readonly subject: string; readonly queue: string | undefined; readonly sid: string }
  | { readonly op: "unsub"; readonly sid: string; readonly max: string | undefined }
  | ({ readonly op: "pub" } & Published)
  | { readonly op: "ping" | "pong" };

export interface Options {
  readonly verbose?: boolean;
  readonly pedantic?: boolean;
  readonly echo?: boolean;
  readonly headers?: boolean;
  readonly no_responders?: boolean;
  readonly protocol?: number;
}

export interface Published {
  readonly subject: string;
  readonly reply: string | undefined;
  readonly headers: string | undefined;
  /** Unique to this message. */
  readonly payload: string;
}

/** The limits of the model. */
export interface NaiveLimits {
  readonly pingInterval: number;
  readonly pingMax: number;
  readonly maxPayload: number;
  readonly maxSubscriptions: number;
  readonly maxTokens: number;
  readonly maxSubject: number;
}

interface NaivePeer {
  readonly id: number;
  readonly isProgram: boolean;
  options: Required<Options>;
  connected: boolean;
  firstPongSent: boolean;
  closed: boolean;
  nextPing: number;
  lastReceived: number;
  pingsOut: number;
}

interface NaiveSubscription {
  readonly peer: NaivePeer;
  readonly pattern: string;
  readonly queue: string | undefined;
  readonly sid: string;
  delivered: number;
  max: number | undefined;
}

/** The id of the host program among the peers. */
export const PROGRAM = 0;

const defaultOptions: Required<Options> = {
  verbose: true,
  pedantic: true,
  echo: true,
  headers: false,
  no_responders: false,
  protocol: 0,
};

/** Formats a message as one subscription receives it. */
export function messageText(message: Published, sid: string): string {
  return `MSG ${message.subject} ${sid} ${message.reply} ${JSON.stringify(message.headers)} ${message.payload}`;
}

/** Consumes the frames that each peer received, and throws at the first one that is wrong or missing. */
export class NaiveServer {
  readonly #limits: NaiveLimits;
  readonly #received: (peer: number) => string[];
  readonly #peers = new Map<number, NaivePeer>();
  #subscriptions: NaiveSubscription[] = [];
  published = 0;
  delivered = 0;

  /** @param received returns the frames a peer received that have not been consumed */
  constructor(limits: NaiveLimits, received: (peer: number) => string[]) {
    this.#limits = limits;
    this.#received = received;
    this.#add(PROGRAM, true, 0);
  }

  get connections(): number {
    return this.#peers.size - 1;
  }

  get subscriptions(): number {
    return this.#subscriptions.length;
  }

  /** Returns the subscriptions of a peer, one line each. */
  subscriptionsOf(peer: number): string[] {
    const own = this.#subscriptions.filter((one) => one.peer.id === peer);
    return own.map((one) => `${one.pattern} ${one.queue} ${one.sid} ${one.delivered} ${one.max}`).sort();
  }

  isClosed(peer: number): boolean {
    return this.#peers.get(peer)!.closed;
  }

  open(id: number, now: number): void {
    this.#expect(this.#add(id, false, now), "INFO");
  }

  lost(id: number): void {
    this.#peers.delete(id);
    this.#subscriptions = this.#subscriptions.filter(({ peer }) => peer.id !== id);
  }

  /** Advances the clock to `now`. */
  advance(now: number): void {
    const { pingInterval, pingMax } = this.#limits;
    for (const peer of this.#peers.values()) {
      for (; peer.nextPing <= now && !peer.closed; peer.nextPing += pingInterval) {
        if (peer.nextPing - peer.lastReceived < pingInterval) continue;
        if (peer.pingsOut + 1 > pingMax) this.#close(peer, "-ERR Stale Connection");
        else {
          peer.pingsOut++;
          this.#expect(peer, "PING");
        }
      }
    }
  }

  handle(id: number, operation: ClientOperation, now: number): void {
    const peer = this.#peers.get(id)!;
    if (peer.closed) return;
    if (operation.op !== "pong" && operation.op !== "connect") peer.lastReceived = now;
    if (operation.op === "connect") this.#connect(peer, operation.options);
    else if (operation.op === "sub") this.#sub(peer, operation.subject, operation.queue, operation.sid);
    else if (operation.op === "unsub") this.#unsub(peer, operation.sid, operation.max);
    else if (operation.op === "pub") this.#pub(peer, operation);
    else if (operation.op === "pong") peer.pingsOut = 0;
    else {
      this.#expect(peer, "PONG");
      if (peer.connected && !peer.firstPongSent) {
        peer.firstPongSent = true;
        if (peer.options.protocol === 1) this.#expect(peer, "INFO");
      }
    }
  }

  /** @returns how many subscriptions received it */
  publish(message: Published): number {
    return this.#route(this.#peers.get(PROGRAM)!, message);
  }

  /** Subscribes the host program. */
  subscribe(pattern: string, queue: string | undefined, sid: string): void {
    const peer = this.#peers.get(PROGRAM)!;
    this.#subscriptions.push({ peer, pattern, queue, sid, delivered: 0, max: undefined });
  }

  unsubscribe(sid: string, max: number | undefined): void {
    this.#setMax(this.#peers.get(PROGRAM)!, sid, max ?? 0);
  }

  #add(id: number, isProgram: boolean, now: number): NaivePeer {
    const peer = { id, isProgram, options: defaultOptions, connected: false, firstPongSent: false, closed: false };
    const nextPing = isProgram ? Number.POSITIVE_INFINITY : now + this.#limits.pingInterval;
    const added = { ...peer, nextPing, lastReceived: now, pingsOut: 0 };
    this.#peers.set(id, added);
    return added;
  }

  #connect(peer: NaivePeer, given: Options): void {
    const options = { ...defaultOptions, ...given };
    if (peer.connected) return this.#close(peer, "-ERR Unknown Protocol Operation");
    if (options.protocol > 1) return this.#close(peer, "-ERR invalid client protocol");
    if (options.no_responders && !options.headers) {
      return this.#close(peer, "-ERR no responders requires headers support");
    }
    peer.connected = true;
    peer.options = options;
    this.#acknowledge(peer);
  }

  #sub(peer: NaivePeer, pattern: string, queue: string | undefined, sid: string): void {
    const tokens = pattern.split(".");
    const violation = `-ERR Permissions Violation for Subscription to "${pattern}"`;
    if (queue === "_sys_") return this.#expect(peer, `${violation} using queue "_sys_"`);
    const limit = this.#limitViolation(pattern);
    if (limit !== undefined) return this.#expect(peer, `${violation}, ${limit}`);
    const own = this.#subscriptions.filter((one) => one.peer === peer);
    if (own.length >= this.#limits.maxSubscriptions) return this.#expect(peer, "-ERR maximum subscriptions exceeded");
    if (!own.some((one) => one.sid === sid)) {
      if (tokens.some((token, i) => token === "" || (token === ">" && i < tokens.length - 1))) {
        return this.#expect(peer, "-ERR Invalid Subject");
      }
      this.#subscriptions.push({ peer, pattern, queue, sid, delivered: 0, max: undefined });
    }
    this.#acknowledge(peer);
  }

  #unsub(peer: NaivePeer, sid: string, max: string | undefined): void {
    if (max !== undefined && !/^[0-9]{1,9}$/.test(max)) return this.#close(peer);
    this.#setMax(peer, sid, Number(max ?? 0));
    this.#acknowledge(peer);
  }

  #setMax(peer: NaivePeer, sid: string, max: number): void {
    const subscription = this.#subscriptions.find((one) => one.peer === peer && one.sid === sid);
    if (subscription === undefined) return;
    subscription.max = max;
    this.#expire(subscription);
  }

  #expire(subscription: NaiveSubscription): void {
    const { delivered, max } = subscription;
    if (max !== undefined && delivered >= max) {
      this.#subscriptions = this.#subscriptions.filter((one) => one !== subscription);
    }
  }

  #pub(peer: NaivePeer, message: Published): void {
    const { subject, reply, headers, payload } = message;
    if (headers === undefined && payload.length > this.#limits.maxPayload) {
      return this.#close(peer, "-ERR Maximum Payload Violation");
    }
    if (headers !== undefined && !peer.options.headers) return this.#close(peer);
    const tokens = subject.split(".");
    // nats-server delivers it to no subscription (docs/decisions/0007).
    if (tokens.includes("")) return this.#expect(peer, "-ERR Invalid Publish Subject");
    if (peer.options.pedantic && (tokens.includes("*") || tokens.includes(">"))) {
      this.#expect(peer, "-ERR Invalid Publish Subject");
    }
    const error = this.#publishError(subject, reply, headers);
    if (error !== undefined) return this.#expect(peer, error);
    this.#acknowledge(peer);
    if (this.#route(peer, message) > 0 || reply === undefined || !peer.options.no_responders) return;
    const status = `NATS/1.0 503\r\nNats-Subject: ${subject}\r\n\r\n`;
    const answer = { subject: reply, reply: undefined, headers: status, payload: "" };
    const own = this.#subscriptions.filter((one) => {
      return one.peer === peer && one.queue === undefined && receives(one.pattern, reply);
    });
    this.#expectOneOf(own.map((one) => ({ subscription: one, text: messageText(answer, one.sid) })));
  }

  #publishError(subject: string, reply: string | undefined, headers: string | undefined): string | undefined {
    const violation = `-ERR Permissions Violation for Publish to "${subject}"`;
    const limit = this.#limitViolation(subject);
    if (limit !== undefined) return `${violation}, ${limit}`;
    if (subject.startsWith("_GR_.")) return violation;
    if (reply !== undefined && /^(_R_|_GR_|\$JS\.ACK)\./.test(reply)) {
      return `-ERR Permissions Violation for Publish with Reply of "${reply}"`;
    }
    const isBlock = headers === undefined || headers === "" || headers.startsWith("NATS/1.0");
    return isBlock ? undefined : `${violation}, malformed header block`;
  }

  #limitViolation(subject: string): string | undefined {
    if (subject.length > this.#limits.maxSubject) return "too long";
    return subject.split(".").length > this.#limits.maxTokens ? "too many tokens" : undefined;
  }

  /** Expects one copy for each plain subscription, and one for exactly one member of each queue group. */
  #route(from: NaivePeer, message: Published): number {
    const copies = this.#subscriptions
      .filter(({ peer, pattern }) => {
        return !peer.closed && (peer !== from || peer.options.echo) && receives(pattern, message.subject);
      })
      .map((subscription) => ({ subscription, text: this.#copy(message, subscription) }));
    const plain = copies.filter(({ subscription }) => subscription.queue === undefined);
    const queues = new Set(copies.map(({ subscription }) => subscription.queue));
    queues.delete(undefined);
    // The order in which the subscriptions receive one message is not specified.
    const received: Copy[] = [];
    for (let copy = this.#next(copies, received); copy !== undefined; copy = this.#next(copies, received)) {
      received.push(copy);
    }
    for (const copy of plain) if (!received.includes(copy)) throw new Error(`not delivered: ${copy.text}`);
    for (const queue of queues) {
      const members = received.filter(({ subscription }) => subscription.queue === queue);
      if (members.length !== 1) throw new Error(`${members.length} of queue ${queue} got ${message.payload}`);
    }
    for (const { subscription } of received) {
      subscription.delivered++;
      this.#expire(subscription);
    }
    this.published++;
    this.delivered += received.length;
    return received.length;
  }

  /** Consumes the next copy of a message that some peer received. */
  #next(copies: readonly Copy[], taken: readonly Copy[]): Copy | undefined {
    const copy = copies.find((one) => !taken.includes(one) && this.#received(one.subscription.peer.id)[0] === one.text);
    if (copy !== undefined) this.#received(copy.subscription.peer.id).shift();
    return copy;
  }

  #expectOneOf(copies: readonly Copy[]): void {
    if (copies.length > 0 && this.#next(copies, []) === undefined) throw new Error(`not received: ${copies[0]!.text}`);
  }

  #copy(message: Published, { peer, sid }: NaiveSubscription): string {
    if (message.headers !== "" && (peer.isProgram || peer.options.headers)) return messageText(message, sid);
    // The host program receives the block as published; clients receive an empty block as no headers.
    return messageText({ ...message, headers: peer.isProgram ? message.headers : undefined }, sid);
  }

  #acknowledge(peer: NaivePeer): void {
    if (peer.options.verbose) this.#expect(peer, "+OK");
  }

  #close(peer: NaivePeer, error?: string): void {
    if (error !== undefined) this.#expect(peer, error);
    peer.closed = true;
  }

  #expect(peer: NaivePeer, text: string): void {
    const received = this.#received(peer.id).shift();
    if (received !== text) throw new Error(`peer ${peer.id} should have received ${text}, not ${received}`);
  }
}

interface Copy {
  readonly subscription: NaiveSubscription;
  readonly text: string;
}

function receives(pattern: string, subject: string): boolean {
  const [expected, given] = [pattern.split("."), subject.split(".")];
  for (let i = 0; i < expected.length; i++) {
    if (given[i] === undefined) return false;
    if (expected[i] === ">") return true;
    if (expected[i] !== "*" && expected[i] !== given[i]) return false;
  }
  return expected.length === given.length;
}
