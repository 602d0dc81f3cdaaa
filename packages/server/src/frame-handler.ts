// SPDX-License-Identifier: Apache-2.0
import { type ClientFrame, type ConnectInfo, ProtocolError, serverErrorText } from "@natswire/codec";
import type { ActionQueue } from "./action-queue.ts";
import type { Accounts } from "./auth/accounts.ts";
import { connectErrorFor } from "./auth/connect-options.ts";
import { denialReason, type Grant } from "./auth/grant.ts";
import type { Millis, ServerConfig } from "./config.ts";
import type { Modules } from "./modules.ts";
import type { CloseReason } from "./outputs.ts";
import type { Peer } from "./peer.ts";
import { errorTextFor } from "./protocol-errors.ts";
import { publish } from "./publish.ts";
import type { SlowConsumers } from "./slow-consumers.ts";
import { subscribe, unsubscribe } from "./subscribe.ts";
import type { Totals } from "./totals.ts";

/** What the frames of clients change in their server. */
interface ServerParts {
  readonly config: ServerConfig;
  readonly accounts: Accounts;
  readonly actions: ActionQueue;
  readonly totals: Totals;
  readonly slow: SlowConsumers;
  readonly modules: Modules;
  /** Called after a peer was accepted. */
  readonly accepted: (peer: Peer) => void;
  /** Sends -ERR and closes the connection. */
  readonly reject: (peer: Peer, text: string, detail: string, reason?: CloseReason) => void;
  readonly close: (peer: Peer, reason: CloseReason, detail: string) => void;
}

/** Handles the frames of clients. */
export class FrameHandler {
  readonly #server: ServerParts;

  constructor(server: ServerParts) {
    this.#server = server;
  }

  /** Handles the frames of a peer that are complete, until one must be authorized. */
  read(peer: Peer, now: Millis): void {
    const { slow, modules, close } = this.#server;
    slow.publisher = peer;
    try {
      while (peer.canRead) {
        const frame = peer.decoder.pull();
        if (frame === undefined) return;
        // CONNECT does not count: a client that then stays silent is sent its first PING after one interval.
        if (frame.op !== "pong" && frame.op !== "connect") peer.lastReceived = now;
        this.#handle(peer, frame);
        modules.settle();
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const text = errorTextFor(error.code);
      if (text !== undefined) peer.sendError(text);
      close(peer, "protocol", error.message);
    } finally {
      slow.publisher = undefined;
    }
  }

  /** Accepts a peer with what it was granted, or denies it. */
  authorized(peer: Peer, grant: Grant | undefined): void {
    const reason = denialReason(grant);
    if (reason !== undefined) this.deny(peer, reason);
    else this.#accept(peer, grant!);
  }

  /** Closes a connection that is not authorized. */
  deny(peer: Peer, detail: string): void {
    this.#server.reject(peer, serverErrorText("AUTHORIZATION"), detail, "auth");
  }

  #handle(peer: Peer, frame: ClientFrame): void {
    if (peer.phase === "unauthenticated" && frame.op !== "connect") {
      return this.deny(peer, `received ${frame.op.toUpperCase()} before CONNECT`);
    }
    switch (frame.op) {
      case "connect":
        return this.#connect(peer, frame.options);
      case "pub":
        return this.#publish(peer, frame);
      case "sub":
        return subscribe(peer, frame, this.#server.config);
      case "unsub":
        return unsubscribe(peer, frame);
      case "ping":
        peer.send({ op: "pong" });
        return peer.info.sendAfterPong(peer);
      case "pong":
        peer.ponged();
    }
  }

  #connect(peer: Peer, options: ConnectInfo): void {
    const { phase } = peer;
    if (!peer.advance("connect")) {
      return this.#server.reject(peer, serverErrorText("UNKNOWN_OPERATION"), "received a second CONNECT");
    }
    peer.applyConnect(options);
    if (phase === "open") return this.#accept(peer, {});
    this.#server.actions.add({ do: "authorize", connection: peer.id, options, nonce: peer.nonce });
  }

  #accept(peer: Peer, grant: Grant): void {
    const error = connectErrorFor(peer.options);
    if (error !== undefined) return this.#server.reject(peer, ...error);
    peer.accept(grant, this.#server.accounts);
    this.#server.accepted(peer);
  }

  #publish(peer: Peer, frame: ClientFrame & { op: "pub" }): void {
    const { config, totals, close } = this.#server;
    if (frame.headers !== undefined && !peer.headers)
      return close(peer, "protocol", "received HPUB, but CONNECT does not have headers");
    totals.count(frame, publish(peer, frame, config));
  }
}
