// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from "node:tls";
import { IncomingText } from "./incoming-text.ts";

/** A TCP client that sends and receives text, one character a byte. It knows nothing of the protocol but INFO's verb. */
export class RawClient {
  /** The TCP socket, or the TLS socket after `startTls`. */
  socket: Socket;
  readonly tcp: Socket;
  readonly closed: Promise<void>;
  readonly #incoming = new IncomingText();
  readonly #onData = (data: Uint8Array): void => this.#incoming.add(data);

  /** @param socket an open socket, or a port of this machine to connect to */
  constructor(socket: Socket | number) {
    this.socket = typeof socket === "number" ? connect({ port: socket, host: "127.0.0.1", noDelay: true }) : socket;
    this.tcp = this.socket;
    this.closed = new Promise<void>((resolve) => this.tcp.once("close", () => resolve()));
    void this.closed.then(() => this.#incoming.close());
    this.#listen();
  }

  /** What was received and not taken by `until`. */
  get received(): string {
    return this.#incoming.text;
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  /**
   * Resolves to everything up to and including `end`, and takes it.
   *
   * @throws Error if the connection is closed before that
   */
  until(end: string): Promise<string> {
    return this.#incoming.until(end);
  }

  /** Receives INFO. It must be the first frame that was not taken. */
  async info(): Promise<Record<string, unknown>> {
    const line = await this.until("\r\n");
    return JSON.parse(line.slice("INFO ".length));
  }

  /** Starts TLS on the connection. */
  async startTls(options: ConnectionOptions): Promise<void> {
    this.socket.off("data", this.#onData);
    const secure: TLSSocket = tlsConnect({ socket: this.socket, ...options });
    this.socket = secure;
    this.#listen();
    await once(secure, "secureConnect");
  }

  #listen(): void {
    this.socket.on("error", () => {});
    this.socket.on("data", this.#onData);
  }
}
