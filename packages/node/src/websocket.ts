// SPDX-License-Identifier: Apache-2.0
/**
 * Serves the embedded server over WebSocket in Node: `serve` and `serveCluster`, or `listen` for one more listener.
 *
 * @module
 */

import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { Cluster, Listen, Server, ServerOptions, Transport } from "@natswire/io";
import { checkOptions, DEFAULT_GRACE_MS, HIGH_WATER, realClock } from "@natswire/io/adapter";
import { reportHandshake, serveClusterOn, serveOn } from "@natswire/io/adapter/server";
import { type WebSocket, WebSocketServer } from "ws";
import { Handshakes } from "./handshakes.ts";
import { bind, from } from "./listen.ts";
import { readOrigins, refusalOf } from "./origins.ts";
import type { Accept } from "./socket.ts";
import { type ServerTls, Upgrades } from "./tls.ts";
import { checkServerTls } from "./tls-options.ts";

/** Options of a WebSocket listener. */
export interface ListenOptions {
  /** Certificate and key, for `wss`; `ws` by default. */
  readonly tls?: Omit<ServerTls, "when"> | undefined;
  /** Milliseconds for the whole HTTP request that opens a WebSocket; 2,000 by default. */
  readonly handshakeTimeout?: number | undefined;
  /**
   * The largest WebSocket message that a client may send, in bytes; it is buffered until it is complete. By default 16 MiB, or
   * twice `maxPayload` of the server if that is more. One NATS message may come in several of these.
   */
  readonly maxMessage?: number | undefined;
  /**
   * The origins of the pages that may connect, for example `https://app.example` (nats-server: `allowed_origins`). Every origin
   * by default. A request from another page is answered with 403. One without an Origin does not come from a browser, and is
   * accepted.
   */
  readonly allowedOrigins?: readonly string[] | undefined;
}

/** Options of a WebSocket server: those of every server, and those of its listener. */
export interface ServeOptions extends ServerOptions, ListenOptions {}

const listenOptions: readonly (keyof ListenOptions)[] = ["tls", "handshakeTimeout", "maxMessage", "allowedOrigins"];
const TIMEOUT = 2000;
const MAX_MESSAGE = 16_777_216;

/**
 * Listens for WebSockets, on any path, as `ws`.
 *
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 */
export const listen: Listen = /* @__PURE__ */ listenWith({});

/**
 * Returns a `Listen` for WebSockets, on any path; as `wss` with `tls`.
 *
 * @throws UsageError BAD_FIELD if an option is unknown, `tls` has no certificate with its key, or one of `allowedOrigins` is not
 * an origin. The `Listen` throws it if the certificate or the key is not valid, with Node's error as `cause`
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 */
export function listenWith(options: ListenOptions): Listen {
  checkOptions(options, listenOptions, "listenWith");
  const { tls, allowedOrigins, ...given } = options;
  checkServerTls(tls);
  const origins = allowedOrigins && readOrigins(allowedOrigins);
  const { maxMessage, handshakeTimeout = TIMEOUT } = given;
  return async (at, accept, limits) => {
    const maxPayload = maxMessage ?? Math.max(MAX_MESSAGE, 2 * (limits?.maxPayload ?? 0));
    const upgrades = tls && (await Upgrades.create({ ...tls, when: "first" }));
    const handshakes = new Handshakes(handshakeTimeout);
    const http = createServer((_, response) => void response.writeHead(400, { connection: "close" }).end());
    // NATS is bytes, in text messages as well; subprotocols are ignored.
    const bytes = { perMessageDeflate: false, skipUTF8Validation: true, handleProtocols: (): false => false } as const;
    const server = new WebSocketServer({
      ...bytes,
      server: http,
      maxPayload,
      clientTracking: false,
      verifyClient({ req }, answer) {
        const refusal = refusalOf(req.headers, origins);
        answer(refusal === undefined, refusal);
      },
    });
    server.on("connection", (webSocket, { socket }) => {
      handshakes.end(socket);
      createTransport(webSocket, from(socket, accept, upgrades), upgrades);
    });
    const begin = (socket: Socket): void => {
      handshakes.begin(socket);
      http.emit("connection", socket);
    };
    return bind(upgrades ? "wss" : "ws", at, [upgrades?.handshakes, handshakes], (socket) => {
      const acceptFrom = from(socket, accept, upgrades);
      if (upgrades === undefined) begin(socket);
      else upgrades.now(socket, begin, (cause) => reportHandshake(acceptFrom, cause));
    });
  };
}

/**
 * Starts an embedded server for WebSocket clients, for example in browsers.
 *
 * It listens on 127.0.0.1 and a free port by default, as `ws` without `tls`.
 *
 * @throws UsageError if an option is unknown or not valid, also a key or a certificate, with Node's error as `cause`
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 */
export function serve(options?: ServeOptions): Promise<Server>;
export function serve(options: ServeOptions = {}, ...more: unknown[]): Promise<Server> {
  return serveOn(listenWith, listenOptions, options, more);
}

/**
 * Starts several embedded servers for WebSocket clients, for tests of failover in browsers. Clients of any of them receive the
 * messages of all, and each server advertises the others.
 *
 * @param size how many servers; at least 1
 * @param options those of `serve`, for all of them; with a `port`, they get this one and the following ones
 * @throws UsageError if the size or an option is not valid
 * @throws Error with the `code` of the socket's error, for example EADDRINUSE, which is its `cause`
 */
export function serveCluster(size: number, options: ServeOptions = {}): Promise<Cluster> {
  return serveClusterOn(listenWith, listenOptions, size, options);
}

/** Opens the transport of a WebSocket: the bytes of its messages, whose boundaries mean nothing. */
function createTransport(webSocket: WebSocket, accept: Accept, upgrades: Upgrades | undefined): void {
  let isFull = false;
  let isClosing = false;
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
    close(grace = DEFAULT_GRACE_MS) {
      if (isClosing) return;
      isClosing = true;
      webSocket.resume();
      webSocket.close();
      // Not an idle timer: a peer that keeps sending would keep the socket open.
      webSocket.once(
        "close",
        realClock.after(grace, () => webSocket.terminate()),
      );
    },
    abort: () => webSocket.terminate(),
  };
  const { data, close, ready, open, written } = accept(transport);
  webSocket.on("message", (message: Buffer) => {
    // A plain view, not a Buffer; text messages are bytes too.
    if (!isClosing) data(new Uint8Array(message.buffer, message.byteOffset, message.length));
  });
  webSocket.on("error", (error) => {
    failure = error;
  });
  webSocket.on("close", () => close(failure));
  open();
}
