// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from "node:tls";

/** A client that is spoken for by hand, in plain text until it is told otherwise. */
export class Client {
  heard = "";
  /** What it speaks on now. */
  socket: Socket;
  /** The TCP socket under it. */
  readonly under: Socket;
  readonly closed: Promise<void>;
  #look: () => void = () => {};
  readonly #hear = (data: Buffer): void => {
    this.heard += data.toString("latin1");
    this.#look();
  };

  constructor(socket: Socket | number) {
    this.socket = typeof socket === "number" ? connect(socket, "127.0.0.1") : socket;
    this.under = this.socket;
    this.closed = new Promise<void>((resolve) => this.socket.once("close", () => resolve()));
    this.#listen();
  }

  say(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** Waits until it was heard, and forgets all up to there; returns that. */
  hear(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`closed behind ${JSON.stringify(this.heard)}`));
      const { socket } = this;
      socket.once("close", fail);
      this.#look = () => {
        const at = this.heard.indexOf(text);
        if (at < 0) return;
        const end = at + text.length;
        const all = this.heard.slice(0, end);
        this.heard = this.heard.slice(end);
        this.#look = () => {};
        socket.off("close", fail);
        resolve(all);
      };
      this.#look();
    });
  }

  async info(): Promise<Record<string, unknown>> {
    const line = await this.hear("\r\n");
    return JSON.parse(line.slice("INFO ".length));
  }

  /** Goes on in TLS. */
  async startTls(options: ConnectionOptions): Promise<void> {
    this.socket.off("data", this.#hear);
    const secure: TLSSocket = tlsConnect({ socket: this.socket, ...options });
    this.socket = secure;
    this.#listen();
    await once(secure, "secureConnect");
  }

  #listen(): void {
    this.socket.on("error", () => {});
    this.socket.on("data", this.#hear);
  }
}
