// SPDX-License-Identifier: Apache-2.0
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { serverFrames } from "@natswire/codec";
import type { Dial } from "@natswire/io";
import { type ClientTls, dialWith } from "@natswire/node";
import type { TapAddress } from "./addresses.ts";
import { TransportStream } from "./transport-stream.ts";

/** How a tap reaches its server. */
export interface UpstreamOptions {
  /** Certificates for `tls` and `wss`. */
  readonly tls: Pick<ClientTls, "ca" | "cert" | "key">;
  /** Starts TLS before INFO. */
  readonly tlsFirst: boolean;
}

type Endpoint = Parameters<Dial>[0];

const LF = 0x0a;

/**
 * Returns a function that connects to a server. The stream emits "connect" after the TLS handshake, if there is one. What is
 * written before waits.
 */
export async function connectorTo(to: TapAddress, { tls, tlsFirst }: UpstreamOptions): Promise<() => Duplex> {
  const { scheme, host, port, path } = to;
  if (scheme === "nats" || scheme === "unix") {
    return () => connect({ ...(path === undefined ? { host, port, noDelay: true } : { path }), allowHalfOpen: true });
  }
  const endpoint = { host, port, path, serverName: host };
  if (scheme !== "tls") {
    const dial = await webSocketDial(tls);
    return () => dialStream(dial, { ...endpoint, scheme });
  }
  const dial = dialWith(tls);
  return tlsFirst
    ? () => dialStream(dial, { ...endpoint, scheme: "tls-first" })
    : () => dialUpgraded(dial, { ...endpoint, scheme: "tcp" });
}

async function webSocketDial(tls: UpstreamOptions["tls"]): Promise<Dial> {
  const [{ dialWith: dialWebSocket }, { WebSocket }] = await Promise.all([import("@natswire/websocket"), import("ws")]);
  return dialWebSocket({ factory: (url) => new WebSocket(url, { ...tls, perMessageDeflate: false }) });
}

function dialStream(dial: Dial, to: Endpoint): Duplex {
  const stream = new TransportStream();
  stream.use(dial(to, stream.handler));
  return stream;
}

/** Dials, starts TLS after INFO, and opens the stream with that INFO after the handshake. Nothing is sent before it. */
function dialUpgraded(dial: Dial, to: Endpoint): Duplex {
  const stream = new TransportStream();
  const { handler } = stream;
  let info = Buffer.alloc(0);
  let isSecure = false;
  const transport = dial(to, {
    ...handler,
    open() {},
    data(chunk) {
      if (isSecure) return handler.data(chunk);
      info = Buffer.concat([info, chunk]);
      if (!info.includes(LF)) {
        if (info.length > serverFrames.limits.info) stream.destroy(new Error("the server sent no INFO"));
        return;
      }
      if (/"tls_(?:required|available)"\s*:\s*true/.test(info.toString("latin1"))) transport.startTls?.();
      else stream.destroy(new Error("the server does not offer TLS; use nats:// or --upstream-tlsfirst"));
    },
    secure() {
      isSecure = true;
      handler.open();
      handler.data(info);
    },
  });
  stream.use(transport);
  return stream;
}
