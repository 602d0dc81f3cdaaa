// SPDX-License-Identifier: Apache-2.0
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Side } from "../frame-reader.ts";
import { InfoRewriter, type InfoRules } from "./info-rewriter.ts";
import { TransportStream } from "./transport-stream.ts";

/** Receives what passes through one proxied connection. */
export interface ProxyObserver {
  received(from: Side, chunk: Uint8Array): void;
  unreachable(error: Error): void;
  /** @param error why the connection failed, if it did and `unreachable` does not say so */
  closed(error: Error | undefined): void;
}

// Without it, a client would wait minutes for a host that drops packets.
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Forwards bytes between a client and a server: unchanged, except for INFO. It forwards backpressure as well, and between plain
 * sockets half-close and reset.
 */
export function forwardBetween(client: Duplex, server: Duplex, rules: InfoRules, observer: ProxyObserver): void {
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
  const rewriter = new InfoRewriter(rules);
  const startsTls = client instanceof TransportStream && client.startsTls;
  forward(client, server, {
    write(chunk) {
      const isWritable = server.write(chunk);
      observer.received("client", chunk);
      return isWritable;
    },
    end: () => server.end(),
  });
  forward(server, client, {
    write(chunk) {
      const isFirst = !rewriter.hasInfo;
      const bytes = rewriter.rewrite(chunk);
      const isUpgrade = startsTls && isFirst && rewriter.hasInfo;
      const isWritable = bytes.length === 0 || client.write(bytes, () => isUpgrade && client.startTls());
      observer.received("server", chunk);
      return isWritable;
    },
    end: () => client.end(rewriter.rest),
  });
  let openSides = 2;
  for (const stream of [client, server]) {
    stream.once("close", () => {
      clearTimeout(timer);
      if (--openSides === 0) observer.closed(client.errored ?? (isConnected ? server.errored : null) ?? undefined);
    });
  }
}

/** Forwards one direction. `write` returns false if the other side should be waited for. */
function forward(from: Duplex, to: Duplex, forwarded: { write(chunk: Uint8Array): boolean; end(): void }): void {
  from.on("data", (chunk: Buffer) => {
    if (!forwarded.write(chunk)) from.pause();
  });
  to.on("drain", () => from.resume());
  from.on("end", forwarded.end);
  from.on("error", () => {});
  from.once("close", () => {
    // After a regular end, the other stream ends itself, after the rest of the bytes.
    if (from.errored !== null || !from.readableEnded) reset(to);
  });
}

function reset(stream: Duplex): void {
  if (stream instanceof Socket) stream.resetAndDestroy();
  else stream.destroy();
}
