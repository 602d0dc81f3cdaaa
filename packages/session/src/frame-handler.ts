// SPDX-License-Identifier: Apache-2.0
import { type Msg, ProtocolError, type ServerFrame, type ServerInfo, serverError, UsageError } from "@natswire/codec";
import type { Millis, SessionConfig } from "./config.ts";
import { ErrorRateLimit } from "./error-rate-limit.ts";
import { connectInfo, decideTls, nonceOf, tlsPolicyFor } from "./handshake.ts";
import type { MessageEvent } from "./inbound.ts";
import type { Link, PendingPing, Phase } from "./link.ts";
import type { Action, Credentials, Event, Reason } from "./outputs.ts";
import type { Queue } from "./queue.ts";
import { isLoopback } from "./servers/address.ts";

/** A frame was heard, and what came of it waits in the queue. */
export const HEARD = "heard";

/** What comes of what a server says. */
export interface FrameHandlerHost {
  pong(link: Link, question: PendingPing): void;
  confirmed(link: Link, published: number): void;
  message(frame: Msg): MessageEvent | undefined;
  discover(link: Link, connectUrls: readonly string[] | undefined): void;
  fail(reason: Reason, detail: string): void;
}

/** Listens to a server: from its greeting to the CONNECT that answers it, and to all it says behind that. */
export class FrameHandler {
  readonly #config: SessionConfig;
  readonly #out: Queue<Action | Event>;
  readonly #host: FrameHandlerHost;
  // Once a connection was in TLS, so must all later ones be.
  #wasSecure = false;
  readonly #errorRateLimit = new ErrorRateLimit();
  readonly counts = { errors: 0, unexpectedPongs: 0 };

  constructor(config: SessionConfig, out: Queue<Action | Event>, outcomes: FrameHandlerHost) {
    this.#config = config;
    this.#out = out;
    this.#host = outcomes;
  }

  opened(link: Link): void {
    if (link.phase !== "dialing") return;
    link.phase = "greeting";
    const { scheme } = link.address.endpoint;
    if (scheme === "wss" || scheme === "tls-first") link.isSecure = this.#wasSecure = true;
  }

  /** Bytes came, to be heard one frame after the other. */
  received(link: Link, chunk: Uint8Array): void {
    if (link.phase === "dialing" || chunk.length === 0) return;
    if (link.phase === "securing")
      return this.#host.fail("TLS", "the server spoke in plain text where TLS was to begin");
    link.decoder.push(chunk);
  }

  /** Hears the next frame, where there is one; tells what came of it, where that is not in the queue. */
  next(link: Link, now: Millis): MessageEvent | typeof HEARD | undefined {
    if (link.phase === "dialing") return undefined;
    try {
      const frame = link.decoder.pull();
      if (frame === undefined) return undefined;
      if (link.phase !== "ready" && isEarly(frame, link.phase))
        this.#host.fail("PROTOCOL", `the server said ${frame.op.toUpperCase()} before its time`);
      else if (frame.op === "msg") return this.#host.message(frame) ?? HEARD;
      else this.#dispatch(link, frame, now);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#host.fail("PROTOCOL", error.message);
    }
    return HEARD;
  }

  secured(link: Link): void {
    if (link.phase !== "securing") return;
    link.isSecure = this.#wasSecure = true;
    this.#authenticate(link);
  }

  sendConnect(link: Link, credentials: Credentials): void {
    const options = connectInfo(this.#config, link.info, credentials, link.isSecure);
    try {
      link.send({ op: "connect", options });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return this.#host.fail("AUTH", error.message);
    }
    if (link.pongDue) link.encoder.push({ op: "pong" });
    link.phase = "connecting";
    link.ping("handshake");
  }

  #dispatch(link: Link, frame: Exclude<ServerFrame, Msg>, now: Millis): void {
    switch (frame.op) {
      case "ping":
        if (link.phase === "signing") link.pongDue = true;
        // One that asks and reads no answer is owed none: what is published never waits beyond the first half of this.
        else if (link.pending < 2 * this.#config.maxPending) link.encoder.push({ op: "pong" });
        return;
      case "pong": {
        const question = link.pendingPings.shift();
        // One that nobody asked for says nothing.
        if (question === undefined) this.counts.unexpectedPongs++;
        else this.#host.pong(link, question);
        return;
      }
      case "info":
        return this.#onInfo(link, frame.info);
      case "err":
        return this.#onErr(link, frame.text, now);
      case "ok": {
        const { published } = link.awaitingOk?.shift() ?? {};
        if (published !== undefined) this.#host.confirmed(link, published);
        return;
      }
    }
  }

  #onInfo(link: Link, info: ServerInfo): void {
    link.update(info);
    if (link.phase === "greeting") return this.#onFirstInfo(link, info);
    this.#host.discover(link, info.connect_urls);
    if (info.ldm === true) this.#out.push({ event: "lame-duck" });
  }

  #onFirstInfo(link: Link, info: ServerInfo): void {
    const policy = tlsPolicyFor(link.address, this.#config, this.#wasSecure);
    const decision = link.isSecure ? false : decideTls(info, policy, link.address.endpoint.scheme);
    if (typeof decision !== "boolean") return this.#host.fail(decision.reason, decision.detail);
    if (!decision) return this.#authenticate(link);
    if (link.decoder.buffered > 0) return this.#host.fail("TLS", "the server said more than INFO before TLS");
    link.phase = "securing";
    link.resetDecoder();
    this.#out.push({ do: "start-tls", serverName: link.address.endpoint.serverName });
  }

  #authenticate(link: Link): void {
    const nonce = nonceOf(link.info);
    if (typeof nonce === "object") return this.#host.fail(nonce.reason, nonce.detail);
    const { endpoint, user, pass, token } = link.address;
    const hasOwn = user !== undefined || token !== undefined;
    const isOpen = !link.isSecure && !isLoopback(endpoint) && !this.#config.allowPlaintextCredentials;
    if (isOpen && (hasOwn || this.#config.hasCredentials)) {
      return this.#host.fail("TLS", "credentials are not sent in plain text: use TLS, or allow it");
    }
    if (hasOwn || !this.#config.hasCredentials) return this.sendConnect(link, { user, pass, auth_token: token });
    link.phase = "signing";
    this.#out.push({ do: "sign", nonce, to: endpoint });
  }

  #onErr(link: Link, text: string, now: Millis): void {
    const known = serverError(text);
    if (known === undefined || known.survives) {
      const reason = /^permissions violation/i.test(text) ? "PERMISSION" : "PROTOCOL";
      // The one refusal that is followed by +OK.
      const about = /^invalid publish subject/i.test(text) ? undefined : link.awaitingOk?.shift();
      if (about?.published !== undefined) this.#host.confirmed(link, about.published);
      this.counts.errors++;
      if (this.#errorRateLimit.allows(now))
        this.#out.push({ event: "error", reason, detail: text, about: about?.operation });
      return;
    }
    const isAuth = /^AUTH|EXPIRED$|REVOKED$/.test(known.code);
    if (isAuth) link.candidate.authFailures++;
    this.#host.fail(isAuth ? "AUTH" : known.code === "STALE" ? "STALE" : "REFUSED", text);
  }
}

/** Nothing was asked of it yet on this connection; in front of TLS, anybody on the way could have said it. */
function isEarly({ op }: ServerFrame, phase: Phase): boolean {
  return phase === "greeting" ? op !== "info" && op !== "err" : op === "msg";
}
