// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from "node:util";
import { type Grammar, Scanner } from "@natswire/codec";
import {
  encodeGateway,
  encodeLeaf,
  type GatewayFrame,
  gatewayFrames,
  type LeafFrame,
  leafFrames,
  RouteLink,
} from "@natswire/codec/cluster";
import { latin1, fromLatin1 as text } from "../../../testkit/latin1.ts";
import type { ProxiedConnection, TcpProxy } from "../../../testkit/tcp-proxy.ts";

/** The kinds of connections between servers. */
export type LinkKind = "route" | "leaf" | "gateway";

type Encode<F> = (frame: F) => Uint8Array;

/** Decodes what crosses the connections of proxies between servers, encodes each frame again, and compares the bytes. */
export class LinkWatch {
  /** How often each verb crossed, by kind of connection and verb. */
  readonly verbs = new Map<string, number>();
  /** How often bytes differed for a reason that is known. */
  readonly spellings = new Map<string, number>();
  readonly broken: string[] = [];
  connections = 0;
  pinned = 0;
  frames = 0;
  bytes = 0;
  readonly #scanners: Scanner[] = [];

  /** Watches all connections that a proxy will open. */
  watch(kind: LinkKind, proxy: TcpProxy): void {
    proxy.onConnection = (connection) => {
      this.connections++;
      if (kind === "route") this.#watchRoute(connection);
      if (kind === "leaf") this.#watchBoth<LeafFrame>(kind, connection, leafFrames, leafFrames, encodeLeaf);
      if (kind === "gateway")
        this.#watchBoth<GatewayFrame>(kind, connection, gatewayFrames, gatewayFrames, encodeGateway);
    };
  }

  /** Returns whether every direction is between two frames. */
  isSettled(): boolean {
    return this.#scanners.every((scanner) => scanner.buffered === 0);
  }

  #watchRoute(connection: ProxiedConnection): void {
    const link = new RouteLink();
    let isPinned = false;
    this.#watchBoth("route", connection, link.connecting, link.accepting, (frame) => {
      if (!isPinned && link.account !== undefined) {
        isPinned = true;
        this.pinned++;
      }
      return link.encode(frame);
    });
  }

  #watchBoth<F>(
    kind: LinkKind,
    { client, server }: ProxiedConnection,
    connecting: Grammar<F>,
    accepting: Grammar<F>,
    encode: Encode<F>,
  ): void {
    for (const [socket, grammar] of [[client, connecting] as const, [server, accepting] as const]) {
      const scanner = new Scanner(grammar);
      this.#scanners.push(scanner);
      let isBroken = false;
      // The proxy forwards a chunk after it was emitted, so that what depends on it comes later.
      socket.on("data", (chunk: Buffer) => {
        if (isBroken) return;
        this.bytes += chunk.length;
        scanner.push(chunk);
        try {
          while (scanner.next() !== 0) this.#compare(kind, scanner.frame()!, encode(grammar.frame(scanner)));
        } catch (error) {
          isBroken = true;
          this.broken.push(`${kind}: ${error}`);
        }
      });
    }
  }

  #compare(kind: LinkKind, received: Uint8Array, encoded: Uint8Array): void {
    this.frames++;
    const before = text(received);
    const after = text(encoded);
    const [verb = ""] = /^\S+/.exec(before) ?? [];
    add(this.verbs, `${kind} ${verb}`);
    if (before === after) return;
    const reason = reasonOf(verb, before, after);
    if (reason === undefined) this.broken.push(`${kind}: ${JSON.stringify(before)} became ${JSON.stringify(after)}`);
    else add(this.spellings, `${kind} ${verb}: ${reason}`);
  }
}

/** Returns why a frame was written in other bytes than it was received; undefined if nothing explains it. */
function reasonOf(verb: string, before: string, after: string): string | undefined {
  const line = before.slice(0, before.indexOf("\r\n"));
  const tidy = line.replace(/[ \t]+/g, " ").replace(/ $/, "");
  if (tidy + before.slice(line.length) === after) return line.endsWith(" ") ? "a blank at the end" : "two blanks";
  if (verb !== "INFO" && verb !== "CONNECT") return undefined;
  const json = (whole: string): unknown => JSON.parse(Buffer.from(latin1(whole.slice(verb.length))).toString());
  return isDeepStrictEqual(json(before), json(after)) ? "the same JSON in other characters" : undefined;
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
