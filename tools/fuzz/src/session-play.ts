// SPDX-License-Identifier: Apache-2.0
import type { Decoder, ServerFrame } from "@natswire/codec";
import type { Action, Credentials, Event, Session, SessionConfig, SubscriptionId } from "@natswire/session";
import { outputsOf, segmentsOf } from "../../testkit/machine.ts";
import { concat } from "./escape.ts";
import { Broken } from "./finding.ts";
import type { UnderTest } from "./reading.ts";

/** What an answer to a request is sent to: the source of chance gives zeros. */
export const INBOX = `_INBOX.${"0".repeat(16)}`;

/** A connection, from its dial on. */
export interface Dialled {
  readonly to: (Action & { do: "dial" })["to"];
  isOpen: boolean;
  isSecure: boolean;
  /** Asked to sign. */
  signs: number;
  readonly said: Uint8Array[];
}

/** A session and what it is told, asks for and says, held to what is true of any of them. */
export class SessionPlay {
  readonly session: Session;
  readonly dialled: Dialled[] = [];
  /** All it did and told, in order, each as it was at the time. */
  readonly told: string[] = [];
  /** The last ones, since the last call. */
  outputs: (Action | Event)[] = [];
  now = 0;
  closed = false;
  readonly live: Set<SubscriptionId> = new Set();
  /** Tickets that are not answered yet; for some of them more than one reply may come. */
  readonly open: Set<number> = new Set();
  readonly many: Set<number> = new Set();
  readonly #codec: UnderTest;
  #connection: Dialled | undefined;
  #asked: Action["do"] | undefined;
  #heard: Decoder<ServerFrame>;

  constructor(codec: UnderTest, config: Partial<SessionConfig> & Pick<SessionConfig, "servers">) {
    this.#codec = codec;
    this.#heard = new codec.Decoder(codec.serverFrames);
    this.session = new codec.Session({ random: (into) => void into.fill(0), noRandomize: true, ...config }, 0);
    this.settle();
  }

  /** The connection there is, or that is dialled. */
  get connection(): Dialled | undefined {
    return this.#connection;
  }

  opened(): void {
    if (this.#connection === undefined || this.#connection.isOpen) return;
    this.#connection.isOpen = true;
    this.#connection.isSecure ||= /^(wss|tls-first)$/.test(this.#connection.to.scheme);
    this.happens(() => this.session.opened(this.now));
  }

  secured(): void {
    if (!this.#answers("start-tls")) return;
    this.#connection!.isSecure = true;
    this.happens(() => this.session.secured(this.now));
  }

  signed(credentials: Credentials): void {
    if (this.#answers("sign")) this.happens(() => this.session.signed(credentials, this.now));
  }

  lost(): void {
    if (this.#connection === undefined) return;
    this.#connection = undefined;
    this.happens(() => this.session.lost("reset", this.now));
  }

  /** Bytes came, which are somebody else's again at once. */
  hear(bytes: Uint8Array): void {
    if (this.#connection?.isOpen !== true) return;
    const lent = bytes.slice();
    const isBroken = this.#isBroken(bytes);
    const outputs = this.happens(() => this.session.received(lent, this.now), false);
    lent.fill(0xaa);
    if (isBroken && !outputs.some((one) => "do" in one && one.do === "close")) {
      throw new Broken("every fault of a server ends its connection in the same call");
    }
    const most = 8 + bytes.length + 2 * (this.live.size + this.open.size);
    if (outputs.length > most) throw new Broken("what comes of bytes is no more than there are", `${outputs.length}`);
  }

  pass(time: number): void {
    const end = this.now + time;
    for (let at = this.session.deadline; at !== undefined && at <= end; at = this.session.deadline) {
      this.now = Math.max(at, this.now);
      this.happens(() => this.session.elapsed(this.now));
    }
    this.now = end;
  }

  /** Something happened, which never throws. */
  happens(call: () => void, isWritten = true): readonly (Action | Event)[] {
    try {
      call();
    } catch (error) {
      throw new Broken("nothing that happens to a session makes it throw", String((error as Error).stack));
    }
    this.outputs = [];
    this.settle(isWritten);
    return this.outputs;
  }

  /** Something is wished, which may be refused. */
  wishes(call: () => void): void {
    try {
      call();
    } catch (error) {
      if (!(error instanceof this.#codec.UsageError)) throw error;
    }
    this.settle();
  }

  /** Takes what there is to do and to tell, and writes what there is to say where it is to be written now. */
  settle(isWritten = true): void {
    for (const one of outputsOf(this.session)) {
      this.outputs.push(one);
      this.told.push(JSON.stringify(one, (_, value: unknown) => (value instanceof Uint8Array ? text(value) : value)));
      if ("do" in one) this.#act(one);
      else this.#check(one);
    }
    if (isWritten) this.write();
    const { deadline } = this.session;
    if (this.closed === (deadline !== undefined)) {
      throw new Broken("a session is closed, or there is a time at which it goes on");
    }
    const { published, confirmed, inFlight, buffered, unknown, dropped } = this.session.stats;
    const parts = [confirmed, inFlight, buffered, unknown, dropped];
    if (parts.reduce((sum, one) => sum + one) !== published || Math.min(...parts) < 0) {
      throw new Broken("the counts of messages add up", `${parts} are not ${published}`);
    }
  }

  write(): void {
    for (const bytes of segmentsOf(() => this.session.transmit())) {
      const connection = this.#connection;
      if (connection?.isOpen !== true) throw new Broken("nothing is said where nobody is connected", text(bytes));
      connection.said.push(bytes.slice());
      const { length } = bytes;
      this.session.released(length);
    }
  }

  /** All that was said on the connections, each as the frames that a server reads. */
  frames(connection: Dialled): readonly { readonly op: string }[] {
    const { Decoder, clientFrames } = this.#codec;
    const decoder = new Decoder(clientFrames);
    decoder.push(concat(connection.said));
    const frames = [...decoder];
    if (decoder.buffered > 0) throw new Broken("what a session says ends with a frame");
    return frames;
  }

  /** The end, behind which everybody was answered. */
  end(): void {
    this.happens(() => this.session.close(this.now));
    if (!this.closed) throw new Broken("a session that is closed says so");
    if (this.open.size > 0) throw new Broken("who asks is answered in the end", [...this.open].join());
    if (this.live.size > 0) throw new Broken("every subscription ends", [...this.live].join());
    for (const connection of this.dialled) {
      const [first, ...others] = this.frames(connection);
      if ((first !== undefined && first.op !== "connect") || others.some(({ op }) => op === "connect")) {
        throw new Broken("CONNECT is said first, and once");
      }
    }
  }

  /** Whether the connection waits for what is about to happen. */
  #answers(what: Action["do"]): boolean {
    if (this.#connection === undefined || this.#asked !== what) return false;
    this.#asked = undefined;
    return true;
  }

  #act(action: Action): void {
    this.#asked = action.do;
    if (action.do === "dial") {
      this.#connection = { to: action.to, isOpen: false, isSecure: false, signs: 0, said: [] };
      this.dialled.push(this.#connection);
      this.#heard = new this.#codec.Decoder(this.#codec.serverFrames);
    } else if (action.do === "close") {
      if (this.#connection === undefined) throw new Broken("only what is there is hung up on");
      if (action.flushed) this.write();
      this.#connection = undefined;
    } else if (this.#connection?.isOpen !== true)
      throw new Broken("nothing is asked of a connection that is not there");
    else if (action.do === "start-tls") this.#heard = new this.#codec.Decoder(this.#codec.serverFrames);
    else if (action.do === "sign") {
      const { nonce } = action;
      if (++this.#connection.signs > 1) throw new Broken("a connection is signed for once");
      if (nonce !== undefined && !/^[\w-]{11,128}$/.test(nonce)) throw new Broken("only a nonce is signed", nonce);
    }
  }

  #check(event: Event): void {
    if (this.closed && event.event !== "failed" && event.event !== "drained") {
      throw new Broken("closed is the last event", event.event);
    }
    if (event.event === "closed") this.closed = true;
    if (event.event === "message" && !this.live.has(event.to)) throw new Broken("who has ended gets no message");
    if (event.event === "unsubscribed" && !this.live.delete(event.of)) throw new Broken("a subscription ends once");
    if (event.event === "reply" && !this.open.has(event.ticket)) throw new Broken("who was answered gets no reply");
    const isLast = "ticket" in event && (event.event !== "reply" || !this.many.has(event.ticket));
    if (isLast && !this.open.delete(event.ticket)) throw new Broken("each question is answered once", event.event);
  }

  /** Whether a reader by itself finds a fault, in what it has not been told to forget. */
  #isBroken(bytes: Uint8Array): boolean {
    this.#heard.push(bytes.slice());
    try {
      while (this.#heard.pull() !== undefined);
      return false;
    } catch {
      return true;
    }
  }
}

function text(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
