// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { connect as connectClient } from "@natswire/node";
import { startJetStreamServer, startNatsServer } from "../../../testkit/nats-server.ts";
import { MAX_PENDING } from "./batch.ts";
import type { Counterpart } from "./counterpart.ts";
import { isJetStream, type Load } from "./loads.ts";
import { streamFor } from "./stream.ts";

/** A program in the race: reads the number of messages of each round, and prints its CPU time. */
export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  /** The work that it does not support. */
  readonly lacks?: readonly Load["work"][];
}

/** A result: CPU time per message in nanoseconds, all threads; ratios are the first contestant's time to its own. */
export interface Standing {
  readonly name: string;
  readonly ns: number;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const CHUNK = 65_536;
// Code that runs once per hundreds of messages needs this many rounds to be compiled.
const WARM_UP = 6;
// Relative to the bundle.
const PLAYER = fileURLToPath(new URL("./client/player.js", import.meta.url));

/** Returns the JavaScript clients on a runtime. */
export function scripted(command: readonly string[], names: readonly string[]): Contestant[] {
  return names.map((name) => ({ name, command: [...command, PLAYER, name] }));
}

/**
 * Races clients of one nats-server: each does the same work in every round, one at a time, in rotating order. The first
 * rounds warm up. Waiting does not count, because only CPU time is measured.
 *
 * @throws Error if a client loses a message or exits
 */
export async function raceClients(contestants: readonly Contestant[], load: Load, rounds: number): Promise<Standing[]> {
  const server = isJetStream(load.work) ? await startJetStreamServer() : await startNatsServer("");
  const url = `nats://127.0.0.1:${server.port}`;
  const other = await connectClient({ servers: url, maxPending: MAX_PENDING });
  const racing: Racing[] = [];
  try {
    const sendsRequests = load.work === "serial" || load.work === "many";
    if (sendsRequests) other.subscribe("orders.*.*", { callback: (message) => void message.respond(message.payload) });
    await other.flush();
    for (const { name, command, lacks = [] } of contestants) {
      if (lacks.includes(load.work)) continue;
      const subject = `orders.europe.${String(racing.length).padStart(4, "0")}`;
      const counterpart = isJetStream(load.work)
        ? await streamFor(load.work, other, subject, load.size)
        : sendsRequests || load.work === "publish"
          ? {}
          : await Publisher.on(server.port, subject, load);
      racing.push(await Racing.started(name, [...command, url, load.work, String(load.size), subject], counterpart));
    }
    for (let round = -WARM_UP; round < rounds; round++) {
      for (let i = 0; i < racing.length; i++) {
        await racing[(i + round + WARM_UP) % racing.length]!.round(load.messages, round >= 0);
      }
    }
  } finally {
    for (const one of racing) one.stop();
    await other.close();
    await server.stop();
  }
  return racing.map(({ name, spent }) => standing(name, spent, racing[0]!.spent));
}

/** The process of a contestant. */
class Racing {
  readonly name: string;
  /** Nanoseconds per message, for each round. */
  readonly spent: number[] = [];
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #counterpart: Counterpart;

  private constructor(name: string, child: ChildProcess, counterpart: Counterpart) {
    this.name = name;
    this.#child = child;
    this.#lines = createInterface(child.stdout!)[Symbol.asyncIterator]();
    this.#counterpart = counterpart;
  }

  static async started(name: string, command: readonly string[], counterpart: Counterpart): Promise<Racing> {
    const [program = "", ...args] = command;
    const racing = new Racing(name, spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] }), counterpart);
    await racing.#nextLine();
    return racing;
  }

  async round(messages: number, counts: boolean): Promise<void> {
    await this.#counterpart.prepare?.(messages);
    this.#child.stdin!.write(`${messages}\n`);
    await this.#counterpart.feed?.(messages);
    const nanoseconds = Number(await this.#nextLine());
    await this.#counterpart.check?.(messages);
    if (counts) this.spent.push(nanoseconds / messages);
  }

  stop(): void {
    this.#counterpart.stop?.();
    this.#child.kill();
  }

  async #nextLine(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`${this.name} exited`);
    return value;
  }
}

/** Publishes the messages of a subscriber in large chunks. */
class Publisher implements Counterpart {
  readonly #socket: Socket;
  readonly #one: Buffer;
  readonly #perChunk: number;

  private constructor(socket: Socket, subject: string, size: number) {
    this.#socket = socket;
    this.#one = Buffer.from(`PUB ${subject} ${size}\r\n${"x".repeat(size)}\r\n`);
    this.#perChunk = Math.max(1, Math.floor(CHUNK / this.#one.length));
  }

  static async on(port: number, subject: string, { size }: Load): Promise<Publisher> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "data");
    socket.write('CONNECT {"verbose":false,"pedantic":false}\r\n');
    return new Publisher(socket, subject, size);
  }

  async feed(messages: number): Promise<void> {
    const full = this.#times(this.#perChunk);
    for (let left = messages; left > 0; left -= this.#perChunk) {
      const chunk = left < this.#perChunk ? this.#times(left) : full;
      if (!this.#socket.write(chunk)) await once(this.#socket, "drain");
    }
  }

  stop(): void {
    this.#socket.destroy();
  }

  #times(messages: number): Buffer {
    return Buffer.concat(Array.from({ length: messages }, () => this.#one));
  }
}

function standing(name: string, spent: readonly number[], first: readonly number[]): Standing {
  const ratios = spent.map((ns, round) => first[round]! / ns);
  return { name, ns: at(spent, 0.5), ratio: at(ratios, 0.5), low: at(ratios, 0.25), high: at(ratios, 0.75) };
}

function at(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))]!;
}
