// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from "node:net";
import { encode } from "@natswire/codec";
import type { ListenAddress } from "@natswire/io";
import { Ear } from "./ear.ts";
import { Failure, reasonOf } from "./output.ts";
import { CLOSED, linesOf } from "./script.ts";
import { visible } from "./words.ts";

/** A line a server said. */
interface Line {
  readonly text: string;
  readonly isInfo: boolean;
}

const PING = encode({ op: "ping" });
const PONG = encode({ op: "pong" });

/** A connection that says what it is told to, and hears lines. It answers the server's PINGs by itself. */
export class Caller {
  /** Whether the server said that it goes on in TLS only. */
  wantsTls = false;
  readonly #socket: Socket;
  readonly #mine = new Ear("client");
  readonly #theirs = new Ear("server");
  readonly #lines: Line[] = [];
  // PINGs without their PONG: whether each is of the script, or a barrier of our own.
  readonly #pings: ("script" | "barrier")[] = [];
  #isIntroduced = false;
  #isClosed = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#hear(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** @throws Failure where nobody answers */
  static open(to: ListenAddress, patience: number): Promise<Caller> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: to.host, port: to.port, noDelay: true, timeout: patience });
      const failed = (error: Error): void =>
        reject(new Failure(`cannot connect to ${to.host}:${to.port}: ${reasonOf(error)}`));
      socket.once("error", failed);
      socket.once("timeout", () => socket.destroy(new Error(`no answer within ${patience} ms`)));
      socket.once("connect", () => {
        socket.off("error", failed);
        socket.setTimeout(0);
        resolve(new Caller(socket));
      });
    });
  }

  say(bytes: Uint8Array): void {
    for (const { frame } of this.#mine.hear(bytes)) {
      if (frame.op === "ping") this.#pings.push("script");
      if (frame.op === "connect") this.#isIntroduced = true;
    }
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  /** The next line, INFO only where it is asked for; CLOSED; or `undefined` where nothing comes in time. */
  async next(patience: number, withInfo: boolean): Promise<string | undefined> {
    const isThere = (): boolean => {
      while (!withInfo && this.#lines[0]?.isInfo) this.#lines.shift();
      return this.#lines.length > 0 || this.#isClosed;
    };
    await this.#until(isThere, patience);
    return this.#lines.shift()?.text ?? (this.#isClosed ? CLOSED : undefined);
  }

  /**
   * Waits until the server has done what it was told, by a PING of our own where one can stand: behind its PONG nothing
   * comes that was caused before.
   */
  async settle(patience: number): Promise<void> {
    if (!this.#isIntroduced || this.#mine.deaf !== undefined || this.#mine.buffered > 0 || this.#isClosed) return;
    this.#pings.push("barrier");
    this.#socket.write(PING);
    await this.#until(() => !this.#pings.includes("barrier") || this.#isClosed, patience);
  }

  /** What was heard and not asked for yet. */
  rest(): string[] {
    const lines = this.#lines.filter(({ isInfo }) => !isInfo).map(({ text }) => text);
    this.#lines.length = 0;
    return lines;
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(chunk: Uint8Array): void {
    const wasDeaf = this.#theirs.deaf !== undefined;
    for (const { frame, bytes } of this.#theirs.hear(chunk)) {
      if (frame.op === "info") this.wantsTls = frame.info.tls_required === true;
      if (frame.op === "ping") this.#socket.write(PONG);
      else if (frame.op !== "pong" || this.#pings.shift() !== "barrier") {
        this.#lines.push(...linesOf(bytes).map((text) => ({ text, isInfo: frame.op === "info" })));
      }
    }
    const { deaf } = this.#theirs;
    if (deaf !== undefined && !wasDeaf) {
      this.#lines.push({ text: deaf === "TLS" ? "TLS" : `malformed: ${visible(deaf.message)}`, isInfo: false });
    }
    this.#wake();
  }

  async #until(is: () => boolean, patience: number): Promise<void> {
    const late = performance.now() + patience;
    for (let left = patience; !is() && left > 0; left = late - performance.now()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
