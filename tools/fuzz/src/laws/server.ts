// SPDX-License-Identifier: Apache-2.0
import type { Action, ConnectionInfo } from "@natswire/server";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { type Codec, cut, sameBytes } from "../../../../packages/fuzz/src/reading.ts";
import { stream } from "../../../../packages/fuzz/src/stream.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import { deadlinesUntil, outputsOf, segmentsOf } from "../../../testkit/machine.ts";
import { hash, Random } from "../../../testkit/random.ts";
import type { UnderTest } from "../under-test.ts";

// Separates what the peers send. The next byte selects the peer and what happens before.
const TURN = 0x1e;
const PEERS = 4;
const MINUTE = 60_000;

const connects = [
  'CONNECT {"verbose":false,"headers":true}\r\n',
  'CONNECT {"verbose":false,"headers":true,"no_responders":true,"protocol":1}\r\n',
  'CONNECT {"verbose":false,"pedantic":true,"echo":false}\r\n',
  'CONNECT {"user":"limited","headers":true}\r\n',
];
const words = [
  ...["SUB a 1\r\n", "SUB a.* q 2\r\n", "SUB > 3\r\n", "SUB > q 4\r\n", "SUB *.b q 5\r\n", "UNSUB 1 1\r\n"],
  ...["PUB a 1\r\nx\r\n", "PUB a.b a 0\r\n\r\n", "PUB nobody a.c 0\r\n\r\n", "HPUB a 12 13\r\nNATS/1.0\r\n\r\nx\r\n"],
  ...["PING\r\n", "PONG\r\n", "UNSUB 3\r\n", "UNSUB 2 2\r\n"],
];

// The largest limits that the server accepts.
const largest = { maxLine: 32_768, maxSubject: Number.POSITIVE_INFINITY, maxTokens: Number.POSITIVE_INFINITY };

/** Generates what one to four peers send in turn, each after a CONNECT. */
export function conversation(codec: Codec, random: Random): Uint8Array {
  const peers = 1 + random.below(PEERS);
  const parts: Uint8Array[] = [];
  const turn = (happens: number): void => {
    parts.push(Uint8Array.of(TURN, random.below(peers) | (happens << 2)));
  };
  for (let peer = 0; peer < peers; peer++) {
    parts.push(Uint8Array.of(TURN, peer), latin1(random.once(6) ? "" : random.pick(connects)));
  }
  for (let turns = 1 + random.below(8); turns > 0; turns--) {
    turn(random.once(4) ? random.below(8) : 0);
    for (let i = random.below(3); i > 0; i--) parts.push(latin1(random.pick(words)));
    if (random.once(2)) parts.push(stream(codec, "client", random));
    if (random.once(80)) parts.push(latin1(longest(random)));
  }
  return concat(parts);
}

/** Generates a line near the server's largest limit, of characters that are longer in an error text. */
function longest(random: Random): string {
  const name = random.pick(['"', "\\", "\x00", "\xff", "a", "a.", "é"]).repeat(32_768);
  const length = random.pick([4_090, 16_000, 20_000, 32_750]);
  const subject = (random.once(3) ? "a." : "") + name.slice(0, length);
  return random.pick([
    `PUB ${subject} 0\r\n\r\n`,
    `PUB a.x ${subject} 0\r\n\r\n`,
    `SUB a.b ${subject} 7\r\n`,
    `SUB ${subject} 8\r\n`,
  ]);
}

interface Turn {
  readonly peer: number;
  /** What happens before: nothing, the peer is replaced by a new one, or time passes. */
  readonly happens: "nothing" | "lost" | "minutes";
  readonly says: Uint8Array;
}

function turnsOf(input: Uint8Array): Turn[] {
  const turns: Turn[] = [];
  let peer = 0;
  let happens: Turn["happens"] = "nothing";
  for (let at = 0; at <= input.length; ) {
    const found = input.indexOf(TURN, at);
    const end = found < 0 ? input.length : found;
    turns.push({ peer, happens, says: input.slice(at, end) });
    const control = input[end + 1] ?? 0;
    peer = control & 3;
    happens = ((control >> 2) & 7) === 1 ? "lost" : ((control >> 2) & 7) === 2 ? "minutes" : "nothing";
    at = end + 2;
  }
  return turns;
}

/** Returns the laws of a server that receives anything from any peer. */
export function serverLaws(codec: UnderTest): (input: Uint8Array) => void {
  return (input) => {
    const turns = turnsOf(input);
    const seed = hash(input);
    const chance = new Random(seed);
    const whole = new Play(codec, seed).run(turns, (says) => [says]);
    const pieces = new Play(codec, seed).run(turns, (says) => cut(says, chance));
    if (whole.length !== pieces.length || whole.some((one, i) => !sameBytes(one, pieces[i]!))) {
      throw new LawBroken("chunking changes nothing that any peer receives");
    }
  };
}

class Play {
  readonly #codec: UnderTest;
  readonly #core: InstanceType<UnderTest["ServerCore"]>;
  readonly #received = new Map<number, Uint8Array[]>();
  readonly #gone: ConnectionInfo[] = [];
  #now = 0;

  constructor(codec: UnderTest, seed: number) {
    const random = new Random(seed);
    this.#codec = codec;
    this.#core = new codec.ServerCore({
      random: (into) => {
        for (let i = 0; i < into.length; i++) into[i] = random.below(256);
      },
      authRequired: (seed & 1) === 1,
      ...((seed & 2) === 0 ? {} : largest),
    });
  }

  /** Everything that each peer received, in order. */
  run(turns: readonly Turn[], chunksOf: (says: Uint8Array) => Uint8Array[]): Uint8Array[] {
    const peers: (number | undefined)[] = [];
    for (const { peer, happens, says } of turns) {
      if (happens === "lost" && peers[peer] !== undefined) {
        this.#lose(peers[peer]);
        peers[peer] = undefined;
      }
      if (happens === "minutes") this.#pass(2 * MINUTE);
      peers[peer] ??= this.#open();
      for (const chunk of chunksOf(says)) {
        const lent = chunk.slice();
        this.#core.received(peers[peer], lent, this.#now);
        this.#settle();
        // Everything was delivered, and authorizers answer at once: nothing is borrowed any more.
        lent.fill(0xaa);
      }
    }
    this.#addUp(peers.filter((id) => id !== undefined));
    for (const id of peers) if (id !== undefined) this.#lose(id);
    this.#isEmpty();
    return [...this.#received].map(([id, parts]) => {
      const received = concat(parts);
      this.#isSound(id, received);
      return received;
    });
  }

  #open(): number {
    const id = this.#core.opened(this.#now);
    this.#received.set(id, []);
    this.#settle();
    return id;
  }

  #lose(id: number): void {
    this.#gone.push(this.#core.connection(id)!);
    this.#core.lost(id, this.#now);
    this.#settle();
  }

  #pass(time: number): void {
    const end = this.#now + time;
    for (const at of deadlinesUntil(this.#core, end)) {
      this.#now = Math.max(at, this.#now);
      this.#core.elapsed(this.#now);
      this.#settle();
    }
    this.#now = end;
  }

  #settle(): void {
    const core = this.#core;
    for (const id of core.writable) {
      for (const bytes of segmentsOf(() => core.transmit(id))) {
        this.#received.get(id)!.push(bytes.slice());
        core.released(id, bytes.length);
      }
    }
    const asks: (Action & { do: "authorize" })[] = [];
    for (const action of outputsOf(core)) {
      if (action.do === "authorize") asks.push(action);
    }
    for (const { connection, options } of asks) {
      const permissions = { publish: { deny: ["a.>"] }, subscribe: { allow: ["a", "a.*", ">"], deny: ["a.b"] } };
      const grant = options.user === "limited" ? { permissions } : options.verbose === true ? undefined : {};
      core.authorized(connection, grant, this.#now);
    }
    if (asks.length > 0) this.#settle();
  }

  #addUp(open: readonly number[]): void {
    const all = [...this.#gone, ...open.map((id) => this.#core.connection(id)!)];
    const there = open.map((id) => this.#core.connection(id)!.subscriptions.length);
    const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
    const { deliveredBytes, ...counts } = this.#core.stats;
    const expected: typeof counts = {
      connections: open.length,
      opened: all.length,
      subscriptions: sum(there),
      published: sum(all.map(({ published }) => published)),
      publishedBytes: sum(all.map(({ publishedBytes }) => publishedBytes)),
      delivered: sum(all.map(({ delivered }) => delivered)),
      slow: 0,
    };
    const counted = JSON.stringify(counts);
    if (counted !== JSON.stringify(expected)) {
      throw new LawBroken("the statistics add up", `${counted}, not ${JSON.stringify(expected)}`);
    }
  }

  #isEmpty(): void {
    const { stats, deadline, writable } = this.#core;
    if (stats.connections + stats.subscriptions + [...writable].length > 0 || deadline !== undefined) {
      throw new LawBroken(
        "a server holds nothing of connections that are gone",
        `${JSON.stringify(stats)}, deadline ${deadline}`,
      );
    }
  }

  /** A client can decode what a peer receives, whatever the others send. */
  #isSound(id: number, received: Uint8Array): void {
    const { Decoder, ProtocolError, decodeHeaders } = this.#codec;
    const decoder = new Decoder(this.#codec.serverFramesWithAnySid);
    decoder.push(received);
    let deliveries = 0;
    try {
      for (const frame of decoder) {
        if (frame.op !== "msg") continue;
        if (frame.flaw !== undefined) throw new LawBroken("hostile bytes never reach another peer", frame.subject);
        const headers = frame.headers && decodeHeaders(frame.headers);
        if (frame.headers !== undefined && headers === undefined) {
          throw new LawBroken("a malformed header block never reaches another peer");
        }
        // The server's own reply for "no responders" is not a delivery.
        if (!(headers?.status === 503 && headers.has("Nats-Subject"))) deliveries++;
      }
    } catch (error) {
      if (error instanceof ProtocolError) throw new LawBroken("hostile bytes never reach another peer", error.message);
      throw error;
    }
    if (decoder.buffered > 0) throw new LawBroken("what a peer receives ends with a frame");
    const { delivered } = this.#gone.find((one) => one.id === id)!;
    if (deliveries !== delivered) {
      throw new LawBroken(
        "deliveries counted are messages received",
        `${delivered} counted, ${deliveries} received by ${id}`,
      );
    }
  }
}
