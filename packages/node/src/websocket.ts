// SPDX-License-Identifier: Apache-2.0
/**
 * WebSockets for the embedded server in Node: `serve`, or `listen` as a further door.
 *
 * @module
 */

import { createServer } from "node:http";
import type { Socket } from "node:net";
import { type Listen, type Server, type ServerOptions, serveWith, type Transport } from "@natswire/io";
import { checkNoMore, DEFAULT_GRACE_MS, realClock } from "@natswire/io/adapter";
import { type WebSocket, WebSocketServer } from "ws";
import { Handshakes } from "./handshakes.ts";
import { bind } from "./listen.ts";
import type { Accept } from "./socket.ts";
import { type ServerTls, Upgrades } from "./tls.ts";

/** How to listen for WebSockets. */
export interface ListenOptions {
  /** For `wss`: certificate and key. */
  readonly tls?: Omit<ServerTls, "when"> | undefined;
  /** Time for the HTTP request that asks for a WebSocket, all in all, in milliseconds; 2,000 where left out. */
  readonly handshakeTimeout?: number | undefined;
  /**
   * The largest WebSocket message a client may send, which is kept until it is whole; 4 MiB where left out. Not a
   * limit of what it publishes: a NATS message may come in several of these.
   */
  readonly maxMessage?: number | undefined;
}

/** Options of a server that WebSockets reach: those of every server, and how to listen. */
export interface ServeOptions extends ServerOptions, ListenOptions {}

const TIMEOUT = 2000;
const MAX_MESSAGE = 4_194_304;
// Above this many bytes a writer is asked to wait.
const HIGH_WATER = 65_536;

/**
 * Listens for WebSockets, on any path.
 *
 * @throws the socket's error, EADDRINUSE for instance
 */
export const listen: Listen = /* @__PURE__ */ listenWith({});

/**
 * Listens for WebSockets, on any path; with TLS as `wss`.
 *
 * @throws the socket's error, EADDRINUSE for instance, and where a key or a certificate is none
 */
export function listenWith({ tls, ...given }: ListenOptions): Listen {
  const { maxMessage: maxPayload = MAX_MESSAGE, handshakeTimeout = TIMEOUT } = given;
  return async (at, accept) => {
    const upgrades = tls && new Upgrades({ ...tls, when: "first" });
    const handshakes = new Handshakes(handshakeTimeout);
    const http = createServer((_, response) => void response.writeHead(400, { connection: "close" }).end());
    // NATS is bytes, in text as well; and what else a client would like to speak in there is not looked at.
    const bytes = { perMessageDeflate: false, skipUTF8Validation: true, handleProtocols: (): false => false } as const;
    new WebSocketServer({ ...bytes, server: http, maxPayload, clientTracking: false }).on(
      "connection",
      (webSocket, { socket }) => {
        handshakes.end(socket);
        carry(webSocket, accept, upgrades);
      },
    );
    const begin = (socket: Socket): void => {
      handshakes.begin(socket);
      http.emit("connection", socket);
    };
    return bind(upgrades ? "wss" : "ws", at, [upgrades?.handshakes, handshakes], (socket) => {
      if (upgrades === undefined) begin(socket);
      else upgrades.now(socket, begin);
    });
  };
}

/**
 * Starts an embedded server that WebSockets reach, a browser's for instance.
 *
 * It listens on 127.0.0.1 and a free port by default, as `ws` without `tls`.
 *
 * @throws the socket's error, EADDRINUSE for instance, and where a key or a certificate is none
 */
export function serve(options?: ServeOptions): Promise<Server>;
export async function serve(given: ServeOptions = {}, ...more: unknown[]): Promise<Server> {
  checkNoMore(more, "serve({ host, port, record })");
  const { tls, handshakeTimeout, maxMessage, ...options } = given;
  return serveWith(listenWith({ tls, handshakeTimeout, maxMessage }), options);
}

/** Carries the bytes of a WebSocket's messages to and from a server. */
function carry(webSocket: WebSocket, accept: Accept, upgrades: Upgrades | undefined): void {
  let isFull = false;
  let ending = false;
  let failure: Error | undefined;
  const transport: Transport = {
    tls: upgrades?.offer,
    write(bytes, more) {
      // The segments of one flush are the fragments of one message.
      webSocket.send(bytes, { binary: true, fin: !more }, () => {
        written(bytes.length);
        if (!isFull || webSocket.bufferedAmount > HIGH_WATER) return;
        isFull = false;
        ready();
      });
      isFull = webSocket.bufferedAmount > HIGH_WATER;
      return !isFull;
    },
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close(linger = DEFAULT_GRACE_MS) {
      if (ending) return;
      ending = true;
      webSocket.resume();
      webSocket.close();
      // Not an idle timer: a peer that goes on talking would keep the socket for ever.
      webSocket.once(
        "close",
        realClock.after(linger, () => webSocket.terminate()),
      );
    },
    abort: () => webSocket.terminate(),
  };
  const { data, close, ready, open, written } = accept(transport);
  webSocket.on("message", (message: Buffer) => {
    // A plain view, never a Buffer: text is bytes too, and an empty message nothing.
    if (!ending) data(new Uint8Array(message.buffer, message.byteOffset, message.length));
  });
  webSocket.on("error", (error) => {
    failure = error;
  });
  webSocket.on("close", () => close(failure));
  open();
}
