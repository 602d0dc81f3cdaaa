// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { framesOf } from "./frames.ts";
import type { Then } from "./script.ts";

// Milliseconds after which an answer is overdue.
const TIMEOUT = 10_000;

/**
 * One connection of a script. It knows only as much of the protocol as it takes to wait for an answer.
 *
 * It is not the raw client of the test kit, and shares nothing with the codec: it is half of what proves that the embedded
 * server answers like nats-server, and must not depend on what is tested.
 */
export class Client {
  /** Everything received except the first INFO. */
  received = "";
  closed = false;
  /** In the middle of an operation: a PING would become part of it. */
  isInOperation = false;
  readonly #socket: Socket;
  readonly #keepsPings: boolean;
  #hasInfo = false;
  // The beginning of a line that was not sent completely.
  #unfinished = "";
  #pings = 0;
  #pongs = 0;
  #pinged = 0;
  // INFOs received, and those received before the last step.
  #infos = 0;
  #infosBefore = 0;
  // The number of the PONG that answers a PING of `#ask`: it is not part of the script.
  #hidden = 0;
  #rest = "";
  #changed: () => void = () => {};

  constructor(port: number, keepsPings: boolean) {
    this.#keepsPings = keepsPings;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("error", () => {});
    this.#socket.on("data", (data) => this.#receive(data.toString("latin1")));
    this.#socket.on("close", () => {
      this.closed = true;
      this.#changed();
    });
  }

  info(): Promise<void> {
    return this.#until(() => this.#hasInfo || this.closed, "INFO");
  }

  send(text: string): void {
    const lines = (this.#unfinished + text).split("\n");
    this.#unfinished = lines.pop()!;
    this.#pings += lines.filter((line) => /^PING[ \t]*\r?$/i.test(line)).length;
    this.#socket.write(text, "latin1");
  }

  /** Sends a text and waits for what it causes. */
  async exchange(text: string, then: Then | undefined): Promise<void> {
    await this.#exchange(text, then);
    this.#infosBefore = this.#infos;
  }

  async #exchange(text: string, then: Then | undefined): Promise<void> {
    const pinged = this.#pinged;
    if (text !== "") this.send(text);
    if (then === "closed") return this.#until(() => this.closed, "the end of the connection");
    if (then === "pinged") return this.#until(() => this.#pinged > pinged || this.closed, "PING");
    if (then === "informed") return this.#until(() => this.#infos > this.#infosBefore || this.closed, "INFO");
    if (this.#pings > this.#pongs) return this.#settled();
    if (text !== "") await this.#ask();
  }

  /** Waits for what other connections caused on this one. */
  async catchUp(): Promise<void> {
    if (!this.closed && !this.isInOperation && this.#pongs > 0 && !this.#keepsPings) await this.#ask();
  }

  /** Closes the connection and waits until the server has noticed, so that its subscriptions are gone. */
  async close(): Promise<void> {
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), 1000);
    await this.#until(() => this.closed, "the end of the connection");
    clearTimeout(timer);
  }

  /** Sends a PING whose PONG is not part of the script. */
  async #ask(): Promise<void> {
    this.#hidden = this.#pings + 1;
    this.send("PING\r\n");
    await this.#settled();
  }

  #settled(): Promise<void> {
    return this.#until(() => this.#pongs >= this.#pings || this.closed, "PONG");
  }

  async #until(condition: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + TIMEOUT;
    while (!condition()) {
      if (Date.now() > deadline)
        throw new Error(`no ${what} within ${TIMEOUT} ms after ${JSON.stringify(this.received)}`);
      await Promise.race([sleep(TIMEOUT / 50), new Promise<void>((resolve) => (this.#changed = resolve))]);
    }
  }

  #receive(text: string): void {
    const { frames, rest } = framesOf(this.#rest + text);
    this.#rest = rest;
    for (const frame of frames) {
      if (frame.startsWith("INFO ") && !this.#hasInfo) this.#hasInfo = true;
      else if (frame === "PING\r\n") {
        this.#pinged++;
        if (this.#keepsPings) this.received += frame;
      } else {
        if (frame.startsWith("INFO ")) this.#infos++;
        if (frame !== "PONG\r\n" || ++this.#pongs !== this.#hidden) this.received += frame;
      }
    }
    this.#changed();
  }
}
