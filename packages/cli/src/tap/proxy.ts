// SPDX-License-Identifier: Apache-2.0
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { formatCount } from "../format/format.ts";
import type { Side } from "../frame-reader.ts";
import { ConnectionProtocol, type Protocol } from "../protocols.ts";
import type { ConnectionFaults } from "./faults.ts";
import { FaultyForwarding } from "./faulty-forwarding.ts";
import type { FrameFault } from "./frame-fault.ts";
import { InfoRewriter, type InfoRules } from "./info-rewriter.ts";
import { TransportStream } from "./transport-stream.ts";

/** Receives what passes through one proxied connection. */
export interface ProxyObserver {
  /** @param fault what was done to the frames of the chunk */
  received(from: Side, chunk: Uint8Array, fault?: FrameFault): void;
  unreachable(error: Error): void;
  /** Is called before the first frame that is not forwarded, because the connection stalls. */
  stalled(): void;
  /** @param error why the connection failed, if it did and `unreachable` does not say so */
  closed(error: Error | undefined): void;
}

/** What a proxy changes. */
export interface ProxyRules {
  readonly info: InfoRules;
  readonly faults: ConnectionFaults | undefined;
  readonly protocol: Protocol | "auto";
}

/** One direction of a connection. */
interface Forwarding {
  /** Forwards a chunk. Returns false if its sender should wait. */
  write(chunk: Uint8Array): boolean;
  /** Forwards the end. */
  end(): void;
  /** Is called after the receiver is closed. */
  abort?(): void;
}

// Without it, a client would wait minutes for a host that drops packets.
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Forwards bytes between a client and a server: unchanged, except for INFO and faults. It forwards backpressure as well, and
 * between plain sockets half-close and reset.
 */
export function forwardBetween(client: Duplex, server: Duplex, rules: ProxyRules, observer: ProxyObserver): void {
  const late = new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1000} seconds`);
  const timer = setTimeout(() => server.destroy(late), CONNECT_TIMEOUT_MS);
  let isConnected = false;
  server.once("connect", () => {
    isConnected = true;
    clearTimeout(timer);
  });
  server.once("error", (error) => {
    if (!isConnected && !client.destroyed) observer.unreachable(error);
  });
  const { toServer, toClient, closedBy } =
    rules.faults === undefined
      ? plainForwardings(client, server, rules.info, observer)
      : faultyForwardings(client, server, rules, rules.faults, observer);
  forward(client, server, toServer);
  forward(server, client, toClient);
  let openSides = 2;
  for (const stream of [client, server]) {
    stream.once("close", () => {
      clearTimeout(timer);
      if (--openSides > 0) return;
      observer.closed(closedBy() ?? client.errored ?? (isConnected ? server.errored : null) ?? undefined);
    });
  }
}

/** Both directions of a connection, and why the tap closed it, if it did. */
interface Forwardings {
  readonly toServer: Forwarding;
  readonly toClient: Forwarding;
  closedBy(): Error | undefined;
}

function plainForwardings(client: Duplex, server: Duplex, rules: InfoRules, observer: ProxyObserver): Forwardings {
  const rewriter = new InfoRewriter(rules);
  for (const [source, target] of [[client, server] as const, [server, client] as const])
    target.on("drain", () => source.resume());
  return {
    toServer: {
      write(chunk) {
        const isWritable = server.write(chunk);
        observer.received("client", chunk);
        return isWritable;
      },
      end: () => server.end(),
    },
    toClient: {
      write(chunk) {
        const isFirst = !rewriter.hasInfo;
        const bytes = rewriter.rewrite(chunk);
        const isUpgrade = isFirst && rewriter.hasInfo;
        const isWritable = bytes.length === 0 || client.write(bytes, () => isUpgrade && startTls(client));
        observer.received("server", chunk);
        return isWritable;
      },
      end: () => client.end(rewriter.rest),
    },
    closedBy: () => undefined,
  };
}

function faultyForwardings(
  client: Duplex,
  server: Duplex,
  { info, protocol }: ProxyRules,
  faults: ConnectionFaults,
  observer: ProxyObserver,
): Forwardings {
  const rewriter = new InfoRewriter(info);
  let closedBy: Error | undefined;
  const shared = {
    faults,
    protocol: new ConnectionProtocol(protocol),
    stalled: observer.stalled,
    last() {
      closedBy = new Error(`by the tap, after ${formatCount(faults.options.closeAfter, "frame")}`);
      let openSides = 2;
      const close = (): void => {
        if (--openSides === 0) for (const stream of [client, server]) closeAfterWriting(stream);
      };
      toServer.finish(close);
      toClient.finish(close);
    },
  };
  const toServer = new FaultyForwarding({
    ...shared,
    from: "client",
    source: client,
    target: server,
    rewrite: (frame) => frame,
    observe: (bytes, fault) => observer.received("client", bytes, fault),
  });
  const toClient = new FaultyForwarding({
    ...shared,
    from: "server",
    source: server,
    target: client,
    rewrite: (frame) => rewriter.rewrite(frame),
    observe: (bytes, fault) => observer.received("server", bytes, fault),
  });
  const end = (direction: FaultyForwarding, source: Duplex, target: Duplex) => (): void => {
    direction.end();
    // A stalled connection ends when one of its sides does.
    if (faults.isStalled) for (const stream of [source, target]) stream.destroy();
    else direction.finish(() => target.end());
  };
  return {
    toServer: {
      write: (chunk) => toServer.write(chunk),
      end: end(toServer, client, server),
      abort: () => toServer.abort(),
    },
    toClient: {
      write(chunk) {
        const isFirst = !rewriter.hasInfo;
        const isWritable = toClient.write(chunk);
        if (isFirst && rewriter.hasInfo) toClient.finish(() => startTls(client));
        return isWritable;
      },
      end: end(toClient, server, client),
      abort: () => toClient.abort(),
    },
    closedBy: () => closedBy,
  };
}

/** Forwards one direction. */
function forward(from: Duplex, to: Duplex, { write, end, abort }: Forwarding): void {
  from.on("data", (chunk: Buffer) => {
    if (!write(chunk)) from.pause();
  });
  from.on("end", end);
  from.on("error", () => {});
  to.once("close", () => abort?.());
  from.once("close", () => {
    // After a regular end, the other stream ends itself, after the rest of the bytes.
    if (from.errored !== null || !from.readableEnded) reset(to);
  });
}

/** Starts TLS with a client that waits for it. */
function startTls(client: Duplex): void {
  if (client instanceof TransportStream && client.startsTls) client.startTls();
}

function closeAfterWriting(stream: Duplex): void {
  if (stream instanceof Socket) stream.destroySoon();
  else stream.end();
}

function reset(stream: Duplex): void {
  if (stream instanceof Socket) stream.resetAndDestroy();
  else stream.destroy();
}
