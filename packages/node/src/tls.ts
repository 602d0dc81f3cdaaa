// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { createSecureContext, createServer, type Server, TLSSocket, type TlsOptions } from "node:tls";
import type { TlsOffer } from "@natswire/io";
import { certificateFailure, HandshakeError } from "@natswire/io/adapter/server";
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

/** A socket in a handshake. */
interface InProgress {
  readonly socket: Socket;
  /** Called with the secure socket. */
  readonly upgraded: (secure: Socket) => void;
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
  // The sockets in a handshake and what to call with the secure one, by the addresses of the TCP connection: the server does
  // not report which socket a secure one was made of.
  readonly #inProgress = new Map<string, InProgress>();
  // The secure socket of an accepted one.
  readonly #secured = new WeakMap<Socket, Socket>();

  /** @throws UsageError BAD_FIELD if a key or a certificate is not valid */
  static async create(options: ServerTls): Promise<Upgrades> {
    try {
      return new Upgrades(options);
    } catch (error) {
      return certificateFailure(error, options, createSecureContext);
    }
  }

  private constructor({ when = "required", handshakeTimeout = TIMEOUT, ...options }: ServerTls) {
    this.offer = { when, verify: options.requestCert === true };
    this.handshakes = new Handshakes(handshakeTimeout);
    this.#server = createServer(options, (secure) => this.#inProgress.get(nameOf(secure))?.upgraded(secure));
    // If the peer has gone, the socket has no addresses any more, and closes by itself.
    this.#server.on("tlsClientError", (error, secure) => this.#inProgress.get(nameOf(secure))?.socket.destroy(error));
  }

  /** Returns the certificate of a client, if it was asked for and verified. */
  certificateOf(socket: Socket): Uint8Array | undefined {
    const secure = this.#secured.get(socket) ?? socket;
    if (!(secure instanceof TLSSocket) || !secure.authorized) return undefined;
    return secure.getPeerX509Certificate()?.raw;
  }

  /** Starts TLS at once. `then` gets the secure socket, or `failed` the reason. */
  now(socket: Socket, then: (secure: Socket) => void, failed: (cause: unknown) => void): void {
    this.handshakes.begin(socket, failed);
    this.#secure(socket, then);
  }

  /**
   * Starts TLS after what was written, as INFO offered it. `then` gets the secure socket, or the same if the client stays with
   * plain text. If TLS is required, a client with plain text is disconnected without an error text.
   */
  start(socket: Socket, then: (socket: Socket) => void, fail: (error: Error) => void): void {
    const isRequired = this.offer.when === "required";
    const failed = (cause: unknown): void => fail(new HandshakeError(cause));
    if (isRequired) this.handshakes.begin(socket, failed);
    socket.once("data", (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (first[0] !== HANDSHAKE)
        return void (isRequired ? socket.destroy(new Error("the client does not use TLS")) : then(socket));
      if (!isRequired) this.handshakes.begin(socket, failed);
      this.#secure(socket, then);
    });
  }

  #secure(socket: Socket, then: (secure: Socket) => void): void {
    const name = nameOf(socket);
    const inProgress: InProgress = {
      socket,
      upgraded: (secure) => {
        this.handshakes.end(socket);
        this.#inProgress.delete(name);
        this.#secured.set(socket, secure);
        then(secure);
      },
    };
    this.#inProgress.set(name, inProgress);
    socket.once("close", () => {
      // Another connection may have the same addresses by now.
      if (this.#inProgress.get(name) === inProgress) this.#inProgress.delete(name);
    });
    this.#server.emit("connection", socket);
  }
}

function nameOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
