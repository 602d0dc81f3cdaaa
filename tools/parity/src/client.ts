// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { framesOf } from "./frames.ts";
import type { Then } from "./script.ts";

// After it a server that owes an answer is taken to be stuck.
const PATIENCE = 10_000;

/** One connection of a script. It knows of the protocol only what it takes to wait for an answer. */
export class Client {
  /** All that came, but INFO's first. */
  heard = "";
  closed = false;
  /** In the midst of an operation, where a PING would be a part of it. */
  inMidst = false;
  readonly #socket: Socket;
  readonly #hearsPings: boolean;
  #greeted = false;
  // A line that was said in part.
  #said = "";
  #pings = 0;
  #pongs = 0;
  #pinged = 0;
  // INFOs, and those of them that came before the last step.
  #informed = 0;
  #knew = 0;
  // The PONG that answers a PING of the player's own.
  #hidden = 0;
  #rest = "";
  #look: () => void = () => {};

  constructor(port: number, hearsPings: boolean) {
    this.#hearsPings = hearsPings;
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("error", () => {});
    this.#socket.on("data", (data) => this.#hear(data.toString("latin1")));
    this.#socket.on("close", () => {
      this.closed = true;
      this.#look();
    });
  }

  greeting(): Promise<void> {
    return this.#until(() => this.#greeted || this.closed, "INFO");
  }

  say(text: string): void {
    const lines = (this.#said + text).split("\n");
    this.#said = lines.pop()!;
    this.#pings += lines.filter((line) => /^PING[ \t]*\r?$/i.test(line)).length;
    this.#socket.write(text, "latin1");
  }

  /** Says it and waits for what it causes. */
  async converse(text: string, then: Then | undefined): Promise<void> {
    await this.#converse(text, then);
    this.#knew = this.#informed;
  }

  async #converse(text: string, then: Then | undefined): Promise<void> {
    const pinged = this.#pinged;
    if (text !== "") this.say(text);
    if (then === "closed") return this.#until(() => this.closed, "the end");
    if (then === "pinged") return this.#until(() => this.#pinged > pinged || this.closed, "a PING");
    if (then === "informed") return this.#until(() => this.#informed > this.#knew || this.closed, "an INFO");
    if (this.#pings > this.#pongs) return this.#settled();
    if (text !== "") await this.#ask();
  }

  /** Waits for what others caused here. */
  async catchUp(): Promise<void> {
    if (!this.closed && !this.inMidst && this.#pongs > 0 && !this.#hearsPings) await this.#ask();
  }

  /** Leaves, and waits until the server has noticed: what it was subscribed to is nobody's business any more. */
  async leave(): Promise<void> {
    this.#socket.end();
    const late = setTimeout(() => this.#socket.destroy(), 1000);
    await this.#until(() => this.closed, "the end");
    clearTimeout(late);
  }

  /** A PING whose PONG is not a part of the script. */
  async #ask(): Promise<void> {
    this.#hidden = this.#pings + 1;
    this.say("PING\r\n");
    await this.#settled();
  }

  #settled(): Promise<void> {
    return this.#until(() => this.#pongs >= this.#pings || this.closed, "a PONG");
  }

  async #until(is: () => boolean, what: string): Promise<void> {
    const late = Date.now() + PATIENCE;
    while (!is()) {
      if (Date.now() > late) throw new Error(`${what} did not come behind ${JSON.stringify(this.heard)}`);
      await Promise.race([sleep(PATIENCE / 50), new Promise<void>((resolve) => (this.#look = resolve))]);
    }
  }

  #hear(text: string): void {
    const { frames, rest } = framesOf(this.#rest + text);
    this.#rest = rest;
    for (const frame of frames) {
      if (frame.startsWith("INFO ") && !this.#greeted) this.#greeted = true;
      else if (frame === "PING\r\n") {
        this.#pinged++;
        if (this.#hearsPings) this.heard += frame;
      } else {
        if (frame.startsWith("INFO ")) this.#informed++;
        if (frame !== "PONG\r\n" || ++this.#pongs !== this.#hidden) this.heard += frame;
      }
    }
    this.#look();
  }
}
