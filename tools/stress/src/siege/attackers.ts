// SPDX-License-Identifier: Apache-2.0
// Connections that send whatever the fuzzer has: kept inputs, almost valid streams, and noise.
import { once } from "node:events";
import { connect } from "node:net";
import * as codec from "@natswire/codec";
import { mutate } from "../../../../packages/fuzz/src/mutate.ts";
import { cut } from "../../../../packages/fuzz/src/reading.ts";
import { stream } from "../../../../packages/fuzz/src/stream.ts";
import { corpusOf } from "../../../fuzz/src/corpus.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import type { Random } from "../../../testkit/random.ts";

const CONNECTIONS = 12;
const kept = [
  "decoder-client-frames",
  "server",
  "decoder-server-frames",
  "scanner",
  "headers",
  "json",
  "encoder",
].flatMap(corpusOf);
if (kept.length === 0) throw new Error("the corpus of the fuzzer is missing");
const firstLines = [
  "",
  'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n',
  'CONNECT {"verbose":true,"pedantic":true}\r\nSUB > 1\r\n',
  'CONNECT {"verbose":false,"headers":true}\r\nSUB > 1\r\nSUB > q 2\r\nSUB *.> workers 3\r\n',
];

export class Attackers {
  readonly counts = { connections: 0, inputs: 0, bytes: 0, frames: 0 };
  readonly #random: Random;
  #stopped = false;
  // Each of the kept inputs is sent first.
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Whether every kept input was sent. */
  get hasSentAll(): boolean {
    return this.#next >= kept.length;
  }

  /** Attacks until it is stopped. Rejects if a connection receives what a server must not send. */
  async run(port: number): Promise<void> {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => this.#attack(port)));
  }

  stop(): void {
    this.#stopped = true;
  }

  async #attack(port: number): Promise<void> {
    while (!this.#stopped) await this.#connection(port);
  }

  async #connection(port: number): Promise<void> {
    const random = this.#random;
    const { counts } = this;
    const socket = connect(port, "127.0.0.1");
    const decoder = new codec.Decoder(codec.serverFramesWithAnySid);
    const closed = once(socket, "close");
    closed.catch(() => {});
    let failure: unknown;
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      decoder.push(chunk);
      try {
        for (const frame of decoder) {
          counts.frames++;
          if (frame.op === "msg" && frame.flaw !== undefined) throw new Error(`a flawed ${frame.flaw} was relayed`);
        }
      } catch (error) {
        failure ??= error;
      }
    });
    counts.connections++;
    // One in ten does not read.
    if (random.once(10)) socket.pause();
    socket.write(latin1(random.pick(firstLines)));
    for (let inputs = 1 + random.below(20); inputs > 0 && socket.writable; inputs--) {
      const input = this.#input();
      counts.inputs++;
      counts.bytes += input.length;
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
    if (failure !== undefined) throw failure;
  }

  #input(): Uint8Array {
    const random = this.#random;
    if (!this.hasSentAll) return kept[this.#next++]!;
    if (random.once(4)) return mutate(random.pick(kept), random.pick(kept), random);
    if (random.once(8)) return Uint8Array.from({ length: random.below(200) }, () => random.below(256));
    return stream(codec, random.once(8) ? "server" : "client", random);
  }
}
