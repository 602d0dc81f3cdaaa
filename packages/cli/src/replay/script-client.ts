// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from "node:net";
import { encode, type ProtocolError, type ServerFrame } from "@natswire/codec";
import type { ListenAddress } from "@natswire/io";
import { Queue } from "@natswire/io/adapter";
import { copyFrame, type DecodedFrame, type Frame, FrameReader, type Side } from "../frame-reader.ts";
import { Failure, formatError } from "../output.ts";

/** A frame that was sent or received. */
export interface TimedFrame<F extends Frame = Frame> extends DecodedFrame<F> {
  /** Milliseconds since the connection was opened. */
  readonly at: number;
  readonly from: Side;
}

/** What the server sent: a frame, or the reason why no more frames follow. */
export type Incoming = TimedFrame<ServerFrame<string>> | { readonly end: ProtocolError | "TLS" | "closed" };

/** How a `ScriptClient` connects and what it does by itself. */
export interface ScriptClientOptions {
  /** Milliseconds to wait for the connection. */
  readonly timeout: number;
  /** Answers the server's PINGs, which `next` then skips. */
  readonly answerPings?: boolean;
  /** Is called with each frame that is sent. */
  readonly onSent?: (frame: TimedFrame) => void;
}

const PING = encode({ op: "ping" });
const PONG = encode({ op: "pong" });

/** A raw TCP client: it sends the bytes it is given and queues what the server sends. */
export class ScriptClient {
  /** Whether the server's INFO requires TLS. */
  tlsRequired = false;
  readonly #socket: Socket;
  readonly #options: ScriptClientOptions;
  readonly #opened = performance.now();
  readonly #sent = FrameReader.for("client");
  readonly #received = FrameReader.for("server");
  readonly #incoming = new Queue<Incoming>();
  // Who sent each PING that has no PONG yet: the script, or `settle`.
  readonly #pings: ("script" | "settle")[] = [];
  #isConnectSent = false;
  #isClosed = false;
  #wake: () => void = () => {};

  private constructor(socket: Socket, options: ScriptClientOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk) => this.#onData(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /**
   * Connects to a server.
   *
   * @throws Failure if the connection is refused or takes longer than `timeout`
   */
  static open({ host, port }: ListenAddress, options: ScriptClientOptions): Promise<ScriptClient> {
    const { timeout } = options;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true, timeout });
      const onError = (error: Error): void =>
        reject(new Failure(`cannot connect to ${host}:${port}: ${formatError(error)}`));
      socket.once("error", onError);
      socket.once("timeout", () => socket.destroy(new Error(`no answer within ${timeout} ms`)));
      socket.once("connect", () => {
        socket.off("error", onError);
        socket.setTimeout(0);
        resolve(new ScriptClient(socket, options));
      });
    });
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    for (const decoded of this.#sent.read(bytes)) {
      if (decoded.frame.op === "ping") this.#pings.push("script");
      if (decoded.frame.op === "connect") this.#isConnectSent = true;
      this.#options.onSent?.(this.#timed("client", decoded));
    }
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  /** Returns the next frame or the end, or `undefined` if nothing arrives within `timeout` milliseconds. */
  async next(timeout: number): Promise<Incoming | undefined> {
    await this.#waitUntil(() => this.#incoming.size > 0 || this.#isClosed, timeout);
    return this.#incoming.shift() ?? (this.#isClosed ? { end: "closed" } : undefined);
  }

  /** Returns what has arrived and was not taken yet, without waiting. */
  takeAll(): Incoming[] {
    return takeAll(this.#incoming);
  }

  /**
   * Waits until the server has processed everything that was sent. It sends a PING, whose PONG arrives after every answer.
   * Returns at once if no PING is possible: before CONNECT, inside a frame, or after malformed bytes.
   */
  async settle(timeout: number): Promise<void> {
    const { stopReason, buffered } = this.#sent;
    if (!this.#isConnectSent || stopReason !== undefined || buffered > 0 || this.#isClosed) return;
    this.#pings.push("settle");
    this.#socket.write(PING);
    await this.#waitUntil(() => !this.#pings.includes("settle") || this.#isClosed, timeout);
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(chunk: Uint8Array): void {
    const wasStopped = this.#received.stopReason !== undefined;
    for (const decoded of this.#received.read(chunk)) {
      const { frame } = decoded;
      if (frame.op === "info") this.tlsRequired = frame.info.tls_required === true;
      if (frame.op === "pong" && this.#pings.shift() === "settle") continue;
      if (frame.op === "ping" && this.#options.answerPings) this.#socket.write(PONG);
      else this.#incoming.push(this.#timed("server", decoded));
    }
    const { stopReason } = this.#received;
    if (stopReason !== undefined && !wasStopped) this.#incoming.push({ end: stopReason });
    this.#wake();
  }

  #timed<F extends Frame>(from: Side, decoded: DecodedFrame<F>): TimedFrame<F> {
    return { at: performance.now() - this.#opened, from, ...copyFrame(decoded) };
  }

  async #waitUntil(condition: () => boolean, timeout: number): Promise<void> {
    const deadline = performance.now() + timeout;
    for (let left = timeout; !condition() && left > 0; left = deadline - performance.now()) {
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

/** Removes and returns every item of a queue. */
export function takeAll<T>(queue: Queue<T>): T[] {
  const items: T[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) items.push(item);
  return items;
}
