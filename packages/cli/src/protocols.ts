// SPDX-License-Identifier: Apache-2.0
import {
  type ClientFrame,
  clientFrames,
  type Grammar,
  type ServerFrame,
  serverFramesWithAnySid,
} from "@natswire/codec";
import {
  type GatewayFrame,
  gatewayFrames,
  type LeafFrame,
  type LinkConnect,
  type LinkInfo,
  leafFrames,
  type RouteFrame,
  RouteLink,
} from "@natswire/codec/cluster";

/** The side of a connection that sends. Between servers, the client is the one that connected. */
export type Side = "client" | "server";

/** A frame of a client or of its server. The sid is text: clients of other libraries may choose any token. */
export type Frame = ClientFrame | ServerFrame<string>;

/** A frame between servers. */
export type LinkFrame = RouteFrame | LeafFrame | GatewayFrame;

/** A frame of any connection. */
export type AnyFrame = Frame | LinkFrame;

/** What is spoken on a connection. */
export type Protocol = "client" | "route" | "leafnode" | "gateway";

/** The protocols, and `auto`, which detects them. */
export const PROTOCOLS = ["auto", "client", "route", "leafnode", "gateway"] as const;

/** The grammars of what clients and servers send to each other. */
export const grammars: { readonly client: Grammar<ClientFrame>; readonly server: Grammar<ServerFrame<string>> } = {
  client: clientFrames,
  server: serverFramesWithAnySid,
};

/** The protocol of one connection, which both of its readers share. */
export class ConnectionProtocol {
  /** What is spoken; `auto` until it is detected. */
  readonly chosen: Protocol | "auto";
  readonly #hasOneSide: boolean;
  readonly #route = new RouteLink();

  /** @param hasOneSide whether only one direction is seen: the other server is taken for one like it */
  constructor(chosen: Protocol | "auto", hasOneSide = false) {
    this.chosen = chosen;
    this.#hasOneSide = hasOneSide;
  }

  /** Returns the grammar of what one side sends. */
  grammarOf(protocol: Protocol, side: Side): Grammar<AnyFrame> {
    if (protocol === "client") return grammars[side];
    if (protocol === "leafnode") return leafFrames;
    if (protocol === "gateway") return gatewayFrames;
    const { connecting, accepting } = this.#route;
    const [own, other] = side === "client" ? [connecting, accepting] : [accepting, connecting];
    if (!this.#hasOneSide) return own;
    return {
      ...own,
      frame(at) {
        const frame = own.frame(at);
        if (frame.op === "info") other.frame(at);
        return frame;
      },
    };
  }
}

/** Returns what is spoken on a connection whose first frame of a side this is. */
export function detectProtocol(frame: AnyFrame): Protocol {
  if (frame.op === "info") {
    const { lnoc, gateway, leafnode_urls }: LinkInfo = frame.info;
    if (lnoc !== undefined) return "route";
    if (gateway !== undefined) return "gateway";
    if (leafnode_urls !== undefined) return "leafnode";
  }
  if (frame.op === "connect") {
    const { lnoc, gateway, server_id, lang } = frame.options as LinkConnect;
    if (lnoc !== undefined) return "route";
    if (gateway !== undefined) return "gateway";
    if (server_id !== undefined && lang === undefined) return "leafnode";
  }
  return "client";
}
