// SPDX-License-Identifier: Apache-2.0
import { validTable } from "../decode/compiled-verb.ts";
import type { NamedGrammar } from "../decode/named-grammar.ts";
import type { LinkInfo, LinkInput, RouteFrame } from "./frames.ts";
import { encodeRoute, type RouteWord, routeFrames } from "./route.ts";

/**
 * One connection between two servers of a cluster, of which you see both directions: it chooses the `RouteOptions` by what the
 * servers write in INFO.
 *
 * Make one for each connection, and a decoder for each direction. Push the bytes in the order in which they arrive, and pull the
 * frames of each chunk before you push the next one, also of the other direction.
 *
 * @example
 * ```ts
 * import { Decoder } from "@natswire/codec";
 * import { RouteLink } from "@natswire/codec/cluster";
 *
 * const link = new RouteLink();
 * const connecting = new Decoder(link.connecting); // what the server sends that opened the connection
 * connecting.push(new TextEncoder().encode('INFO {"route_account":"SHOP"}\r\nRS+ orders.*\r\n'));
 * for (const frame of connecting) if (frame.op === "rs+") console.log(frame.subject); // orders.*
 * console.log(link.account); // SHOP
 * ```
 */
export class RouteLink {
  /** The grammar of what the server sends that opened the connection. */
  readonly connecting: NamedGrammar<RouteFrame, RouteWord>;
  /** The grammar of what the server sends that accepted the connection. */
  readonly accepting: NamedGrammar<RouteFrame, RouteWord>;
  // The first INFO of each side.
  #connectingInfo: LinkInfo | undefined;
  #acceptingInfo: LinkInfo | undefined;

  constructor() {
    this.connecting = this.#grammar((info) => {
      this.#connectingInfo ??= info;
    });
    this.accepting = this.#grammar((info) => {
      this.#acceptingInfo ??= info;
    });
  }

  /** The account that the connection is for; `undefined` if its frames name their account. */
  get account(): string | undefined {
    // Later INFOs name accounts of other connections.
    return this.#connectingInfo?.route_account || undefined;
  }

  /** Whether LS- names the cluster of the leafnode: both servers said that they understand it. */
  get lnocu(): boolean {
    return isAware(this.#connectingInfo) && isAware(this.#acceptingInfo);
  }

  /**
   * Encodes a frame as the servers of this connection write it, like `encodeRoute`.
   *
   * @throws UsageError like `encodeRoute`
   */
  encode(frame: LinkInput<RouteFrame>): Uint8Array {
    return encodeRoute(frame, this.#options);
  }

  get #options(): { pinned: boolean; lnocu: boolean } {
    return { pinned: this.account !== undefined, lnocu: this.lnocu };
  }

  #grammar(onInfo: (info: LinkInfo) => void): NamedGrammar<RouteFrame, RouteWord> {
    const { kinds, limits, verbs } = routeFrames();
    // A frame is made by the grammar that read its line.
    let current = routeFrames();
    return {
      kinds,
      limits,
      verbs: validTable(
        verbs.map(({ read, ...verb }, i) =>
          read === undefined
            ? verb
            : {
                ...verb,
                read: (line, bytes) => {
                  current = routeFrames(this.#options);
                  current.verbs[i]!.read!(line, bytes);
                },
              },
        ),
      ),
      frame(at) {
        const frame = current.frame(at);
        if (frame.op === "info") onInfo(frame.info);
        return frame;
      },
    };
  }
}

function isAware(info: LinkInfo | undefined): boolean {
  return info?.lnocu === true || info?.ln === true;
}
