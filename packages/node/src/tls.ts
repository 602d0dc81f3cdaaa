// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { createServer, type Server, TLSSocket, type TlsOptions } from "node:tls";
import type { TlsOffer } from "@natswire/io";
import { Handshakes } from "./handshakes.ts";

/**
 * TLS options of Node, first of all `cert` and `key`; `ca` and `requestCert` for client certificates.
 * `handshakeTimeout` is the time for the whole handshake, in milliseconds; 2,000 by default.
 */
export interface ServerTls extends TlsOptions {
  /**
   * When TLS begins: after INFO, as clients expect it (`required`, the default); after INFO if the client chooses it
   * (`available`); or before INFO, for clients with `handshakeFirst` (`first`).
   */
  readonly when?: TlsOffer["when"] | undefined;
}

// The first byte of a ClientHello; no verb begins with it.
const HANDSHAKE = 0x16;
const TIMEOUT = 2000;

/** Upgrades accepted sockets to TLS. */
export class Upgrades {
  readonly offer: TlsOffer;
  readonly handshakes: Handshakes;
  // It never listens: it gets the sockets.
  readonly #server: Server;
  // What to call with the secure socket, by the addresses of the TCP connection: the server does not report which socket
  // a secure one was made of.
  readonly #then = new Map<string, (secure: Socket) => void>();
  // The secure socket of an accepted one.
  readonly #secured = new WeakMap<Socket, Socket>();

  /** @throws Node's error if a key or a certificate is not valid */
  constructor({ when = "required", handshakeTimeout = TIMEOUT, ...options }: ServerTls) {
    this.offer = { when, verify: options.requestCert === true };
    this.handshakes = new Handshakes(handshakeTimeout);
    // A socket whose peer has gone has no addresses any more, and is destroyed at its timeout.
    this.#server = createServer(options, (secure) => this.#then.get(nameOf(secure))?.(secure));
  }

  /** Returns the certificate of a client, if it was asked for and verified. */
  certificateOf(socket: Socket): Uint8Array | undefined {
    const secure = this.#secured.get(socket) ?? socket;
    if (!(secure instanceof TLSSocket) || !secure.authorized) return undefined;
    return secure.getPeerX509Certificate()?.raw;
  }

  /** Starts TLS at once. `then` gets the secure socket, or the socket just closes. */
  now(socket: Socket, then: (secure: Socket) => void): void {
    this.handshakes.begin(socket);
    this.#secure(socket, then);
  }

  /**
   * Starts TLS after what was written, as INFO offered it. `then` gets the secure socket, or the same if the client stays with
   * plain text. If TLS is required, a client with plain text is disconnected without an error text.
   */
  start(socket: Socket, then: (socket: Socket) => void): void {
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
    const done = (secure: Socket): void => {
      this.handshakes.end(socket);
      this.#then.delete(name);
      this.#secured.set(socket, secure);
      then(secure);
    };
    this.#then.set(name, done);
    socket.once("close", () => {
      // Another connection may have the same addresses by now.
      if (this.#then.get(name) === done) this.#then.delete(name);
    });
    this.#server.emit("connection", socket);
  }
}

function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
