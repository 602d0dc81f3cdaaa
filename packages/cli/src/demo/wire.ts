// SPDX-License-Identifier: Apache-2.0
import { connect, type Socket } from "node:net";
import { type ClientFrame, clientFrames, type Grammar, Scanner, type ServerFrame, serverFrames } from "@natswire/codec";

/** One frame that crossed the wire, as bytes and as our codec reads it. */
export interface Crossing {
  /** Milliseconds since the connection was opened. */
  readonly at: number;
  readonly from: "server" | "client";
  readonly bytes: Uint8Array;
  readonly frame: ServerFrame | ClientFrame;
}

/** A raw TCP client that notes every frame in both directions. */
export class Wire {
  /** Whether the server said that it goes on in TLS only. */
  wantsTls = false;
  readonly #socket: Socket;
  readonly #note: (crossing: Crossing) => void;
  readonly #began = performance.now();
  readonly #received = new Scanner(serverFrames);
  readonly #sent = new Scanner(clientFrames);
  readonly #frames: ServerFrame[] = [];
  #wake: () => void = () => {};
  #over: Error | "closed" | undefined;

  private constructor(socket: Socket, note: (crossing: Crossing) => void) {
    this.#socket = socket;
    this.#note = note;
    socket.on("data", (buffer) => {
      try {
        this.#frames.push(...this.#read(this.#received, serverFrames, "server", new Uint8Array(buffer)));
      } catch (error) {
        this.#end(error as Error);
      }
      this.#wake();
    });
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => this.#end("closed"));
  }

  /** Connects; rejects with the socket's error. */
  static open(host: string, port: number, note: (crossing: Crossing) => void): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true }, () => {
        socket.off("error", reject);
        resolve(wire);
      });
      const wire = new Wire(socket, note);
      socket.on("error", reject);
    });
  }

  /** Writes bytes as they are. */
  send(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.#read(this.#sent, clientFrames, "client", bytes);
    this.#socket.write(bytes);
  }

  /**
   * The server's next frame, or how the connection ended, or `undefined` after `patience` milliseconds.
   */
  async next(patience: number): Promise<ServerFrame | Error | "closed" | undefined> {
    if (this.#frames.length === 0 && this.#over === undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patience);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return this.#frames.shift() ?? this.#over;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read<F extends ServerFrame | ClientFrame>(
    scanner: Scanner,
    grammar: Grammar<F>,
    from: Crossing["from"],
    bytes: Uint8Array,
  ): F[] {
    const frames: F[] = [];
    scanner.push(bytes);
    while (scanner.next() !== 0) {
      const frame = grammar.frame(scanner);
      frames.push(frame);
      if (frame.op === "info") this.wantsTls = frame.info.tls_required === true;
      this.#note({ at: performance.now() - this.#began, from, bytes: scanner.frame() ?? bytes, frame });
    }
    return frames;
  }

  #end(how: Error | "closed"): void {
    this.#over ??= how;
    this.#wake();
  }
}
