// SPDX-License-Identifier: Apache-2.0
import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import type { AcceptConnection, Listen } from "@natswire/io";
import { listenFailure } from "@natswire/io/adapter/server";
import { listenWith, type ServerTls } from "@natswire/node";
import { formatError } from "../output.ts";
import { formatAddress, formatPeer, type TapAddress } from "./addresses.ts";
import { TransportStream } from "./transport-stream.ts";

/** A client that was accepted. */
export interface AcceptedClient {
  readonly stream: Duplex;
  /** Its address, as far as it is known. */
  readonly address: string | undefined;
}

/** What a listener reports. */
export interface ListenerEvents {
  accepted(client: AcceptedClient): void;
  /** Is called with a client whose TLS handshake failed. */
  failed(address: string, error: Error): void;
}

/** A listening socket. */
export interface TapListener {
  /** The URL for clients. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens for clients.
 *
 * @param tls certificate and key; required for `tls` and `wss`, and otherwise not used
 * @throws Error if the address cannot be listened on, or the certificate is not valid
 */
export async function listenFor(
  at: TapAddress,
  tls: ServerTls | undefined,
  events: ListenerEvents,
): Promise<TapListener> {
  if (at.scheme === "nats" || at.scheme === "unix") return listenPlain(at, events);
  const { url, close } = await (await listenOf(at, tls))(at, accepting(events));
  return { url, close };
}

/** Listens on plain sockets, which forward a half-close and a reset. */
function listenPlain(at: TapAddress, { accepted }: ListenerEvents): Promise<TapListener> {
  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    accepted({ stream: socket, address: formatPeer(socket.remoteAddress, socket.remotePort) }),
  );
  return new Promise((resolve, reject) => {
    listener.once("error", (error) => {
      if (at.scheme === "unix") reject(new Error(`cannot listen on ${formatAddress(at)}: ${formatError(error)}`));
      else resolve(listenFailure(error, at));
    });
    listener.listen(at.scheme === "unix" ? { path: at.path } : { port: at.port, host: at.host }, () => {
      const bound = listener.address();
      const port = typeof bound === "object" && bound !== null ? bound.port : at.port;
      const close = (): Promise<void> => new Promise((closed) => listener.close(() => closed()));
      resolve({ url: formatAddress({ ...at, port }), close });
    });
  });
}

async function listenOf({ scheme }: TapAddress, tls: ServerTls | undefined): Promise<Listen> {
  if (scheme === "tls") return listenWith({ tls });
  // Loaded on demand: it takes as long to load as everything else.
  const { listenWith: listenForWebSockets } = await import("@natswire/node/websocket");
  const { when, ...certificate } = tls ?? {};
  return listenForWebSockets(scheme === "wss" ? { tls: certificate } : {});
}

function accepting({ accepted, failed }: ListenerEvents): AcceptConnection {
  return (transport, origin) => {
    const address = formatPeer(origin?.address, origin?.port);
    const stream = new TransportStream();
    stream.use(transport);
    let isOpen = false;
    return {
      ...stream.handler,
      open() {
        isOpen = true;
        accepted({ stream, address });
        stream.handler.open();
      },
      close(error) {
        if (isOpen) stream.handler.close(error);
        else failed(address ?? "a client", error ?? new Error("it ended"));
      },
    };
  };
}
