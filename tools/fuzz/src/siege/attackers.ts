// SPDX-License-Identifier: Apache-2.0
// Connections that send what the fuzzer has: its corpus, streams that are almost valid, and noise.
import { once } from "node:events";
import { connect } from "node:net";
import * as codec from "@natswire/codec";
import type { Random } from "../../../testkit/random.ts";
import { corpusOf } from "../corpus.ts";
import { latin1 } from "../escape.ts";
import { stream } from "../generate.ts";
import { mutate } from "../mutate.ts";
import { withOpaqueSids } from "../opaque-sids.ts";
import { cut } from "../reading.ts";

const AT_ONCE = 12;
const grammar = withOpaqueSids(codec);
const corpus = [
  "decoder-client-frames",
  "server",
  "decoder-server-frames",
  "scanner",
  "headers",
  "json",
  "encoder",
].flatMap(corpusOf);
const beginnings = [
  "",
  'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n',
  'CONNECT {"verbose":true,"pedantic":true}\r\nSUB > 1\r\n',
  'CONNECT {"verbose":false,"headers":true}\r\nSUB > 1\r\nSUB > q 2\r\nSUB *.> workers 3\r\n',
];

export class Attackers {
  readonly tally = { connections: 0, inputs: 0, bytes: 0, frames: 0 };
  readonly #random: Random;
  #stopped = false;
  // Every input of the corpus is sent first.
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether every input of the corpus was sent. */
  get hasSentAll(): boolean {
    return this.#next >= corpus.length;
  }

  /** Attacks until it is stopped. Rejects if a connection receives what no server may send. */
  async run(port: number): Promise<void> {
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.#attack(port)));
  }

  stop(): void {
    this.#stopped = true;
  }

  async #attack(port: number): Promise<void> {
    while (!this.#stopped) await this.#connection(port);
  }

  async #connection(port: number): Promise<void> {
    const random = this.#random;
    const { tally } = this;
    const socket = connect(port, "127.0.0.1");
    const decoder = new codec.Decoder(grammar);
    const closed = once(socket, "close");
    closed.catch(() => {});
    let fault: unknown;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      decoder.push(chunk);
      try {
        for (const frame of decoder) {
          tally.frames++;
          if (frame.op === "msg" && frame.flaw !== undefined) throw new Error(`a flawed ${frame.flaw} was relayed`);
        }
      } catch (error) {
        fault ??= error;
      }
    });
    tally.connections++;
    // One in ten does not read.
    const isPaused = random.once(10);
    if (isPaused) socket.pause();
    socket.write(latin1(random.pick(beginnings)));
    for (let inputs = 1 + random.below(20); inputs > 0 && socket.writable; inputs--) {
      const input = this.#input();
      tally.inputs++;
      tally.bytes += input.length;
      const pieces = random.once(4) ? cut(input, random).filter(({ length }) => length > 0) : [input];
      for (const piece of pieces.slice(0, 50)) socket.write(piece);
      if (random.once(3)) await new Promise(setImmediate);
    }
    if (random.once(3)) socket.resetAndDestroy();
    else if (random.once(2)) socket.destroy();
    else {
      socket.resume();
      socket.end();
    }
    await closed;
    if (fault !== undefined) throw fault;
  }

  #input(): Uint8Array {
    const random = this.#random;
    if (!this.hasSentAll) return corpus[this.#next++]!;
    if (random.once(4)) return mutate(random.pick(corpus), random.pick(corpus), random);
    if (random.once(8)) return Uint8Array.from({ length: random.below(200) }, () => random.below(256));
    return stream(codec, random.once(8) ? "server" : "client", random);
  }
}
