// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { createServer, type Server, type TlsOptions } from "node:tls";
import type { TlsOffer } from "@natswire/io";
import { Handshakes } from "./handshakes.ts";

/**
 * Node's own options, certificate and key first: `{ cert, key }`; `ca` and `requestCert` for client certificates.
 * `handshakeTimeout` is the time for the whole handshake in milliseconds, 2,000 where left out.
 */
export interface ServerTls extends TlsOptions {
  /**
   * When TLS begins: behind INFO, as clients expect it (`required`, the default); behind INFO if the client likes
   * (`available`); or before INFO, for clients that are told so (`first`).
   */
  readonly when?: TlsOffer["when"] | undefined;
}

// The first byte of a ClientHello's record; no verb begins with it.
const HANDSHAKE = 0x16;
const TIMEOUT = 2000;

/** Makes sockets speak TLS that are connected already. */
export class Upgrades {
  readonly offer: TlsOffer;
  readonly handshakes: Handshakes;
  // It never listens: it is given the sockets.
  readonly #server: Server;
  // What becomes of a socket, by what tells one TCP connection from another; the server does not say of which socket
  // a secure one was made.
  readonly #then = new Map<string, (secure: Socket) => void>();

  /** @throws Error where a key or a certificate is none */
  constructor({ when = "required", handshakeTimeout = TIMEOUT, ...options }: ServerTls) {
    this.offer = { when, verify: options.requestCert === true };
    this.handshakes = new Handshakes(handshakeTimeout);
    // One whose peer is gone has lost its name, and is destroyed when its time is over.
    this.#server = createServer(options, (secure) => this.#then.get(nameOf(secure))?.(secure));
  }

  /** TLS, and nothing else: `then` hears of the secure socket, or nobody hears more of it than its close. */
  now(socket: Socket, then: (secure: Socket) => void): void {
    this.handshakes.begin(socket);
    this.#secure(socket, then);
  }

  /**
   * TLS behind what was written, as was offered: `then` hears of the secure socket, or of the same where plain text
   * goes on. Where TLS is required the other side is not told why it is left.
   */
  behind(socket: Socket, then: (socket: Socket) => void): void {
    const isRequired = this.offer.when === "required";
    if (isRequired) this.handshakes.begin(socket);
    socket.once("data", (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (first[0] !== HANDSHAKE) return void (isRequired ? socket.destroy() : then(socket));
      if (!isRequired) this.handshakes.begin(socket);
      this.#secure(socket, then);
    });
  }

  #secure(socket: Socket, then: (secure: Socket) => void): void {
    const name = nameOf(socket);
    const heard = (secure: Socket): void => {
      this.handshakes.end(socket);
      this.#then.delete(name);
      then(secure);
    };
    this.#then.set(name, heard);
    socket.once("close", () => {
      // Another connection may have the name by now.
      if (this.#then.get(name) === heard) this.#then.delete(name);
    });
    this.#server.emit("connection", socket);
  }
}

function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
