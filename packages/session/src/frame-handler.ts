// SPDX-License-Identifier: Apache-2.0
import {
  Decoder,
  type Grammar,
  type Msg,
  ProtocolError,
  type ServerFrame,
  type ServerInfo,
  serverError,
  UsageError,
} from "@natswire/codec";
import type { SessionContext } from "./context.ts";
import { formatDenial, type ParsedDenial, parseDenial } from "./denial.ts";
import { ErrorRateLimit } from "./error-rate-limit.ts";
import { connectInfo, decideTls, nonceOf, PLAINTEXT_CREDENTIALS, tlsPolicyFor } from "./handshake.ts";
import type { Inbound } from "./inbound.ts";
import type { Link } from "./link.ts";
import type { Outbound } from "./outbound.ts";
import type { Credentials, Event, Failure } from "./outputs.ts";
import type { PendingOperations } from "./pending-operations.ts";
import { type Input, phases } from "./phases.ts";
import { withReplies } from "./reply-frames.ts";
import { isLoopback } from "./servers/address.ts";
import type { ConnectScheduler } from "./servers/scheduler.ts";
import type { Subscription, Subscriptions } from "./subscriptions.ts";

const UNEXPECTED_PLAINTEXT = "unexpected plain text before the TLS handshake";

/** The parts of a session that a frame can concern. */
export interface FrameHandlerParts {
  readonly scheduler: ConnectScheduler;
  readonly subscriptions: Subscriptions;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly operations: PendingOperations;
}

/** Handles what a server sends: the handshake, from INFO to the first PONG, and every frame after it. */
export class FrameHandler {
  readonly #context: SessionContext;
  readonly #scheduler: ConnectScheduler;
  readonly #subscriptions: Subscriptions;
  readonly #inbound: Inbound;
  readonly #outbound: Outbound;
  readonly #operations: PendingOperations;
  readonly #grammar: Grammar<ServerFrame>;
  // After one connection used TLS, all later ones must (docs/reliability.md, S3).
  #wasSecure = false;
  readonly #errorRateLimit = new ErrorRateLimit();
  readonly counts = { received: 0, unmatched: 0, errors: 0, unexpectedPongs: 0 };

  constructor(context: SessionContext, parts: FrameHandlerParts) {
    this.#context = context;
    this.#scheduler = parts.scheduler;
    this.#subscriptions = parts.subscriptions;
    this.#inbound = parts.inbound;
    this.#outbound = parts.outbound;
    this.#operations = parts.operations;
    this.#grammar = withReplies(parts.operations);
  }

  /** Dials the first of the addresses that a `resolve` action asked for. */
  resolved(addresses: readonly string[]): void {
    const link = this.#linkFor("resolved");
    if (link !== undefined) this.#scheduler.resolved(link, addresses);
  }

  /** Begins to wait for INFO. */
  opened(): void {
    const link = this.#linkFor("opened");
    if (link === undefined) return;
    link.phase = "greeting";
    const { scheme } = link.address.endpoint;
    if (scheme === "wss" || scheme === "tls-first") link.isSecure = this.#wasSecure = true;
  }

  /** Stores bytes for `advance`. */
  received(chunk: Uint8Array): void {
    const { link, phase } = this.#context;
    const { received } = phases[phase];
    if (link === undefined || received === undefined || chunk.length === 0) return;
    if (received !== "handle") return this.#context.fail("TLS", UNEXPECTED_PLAINTEXT);
    link.decoder ??= new Decoder(this.#grammar);
    link.decoder.push(chunk);
  }

  /** Continues the handshake after TLS was established. */
  secured(): void {
    const link = this.#linkFor("secured");
    if (link === undefined) return;
    link.isSecure = this.#wasSecure = true;
    this.#authenticate(link);
  }

  /** Sends CONNECT with the credentials that a `sign` action asked for. */
  signed(credentials: Credentials): void {
    const link = this.#linkFor("signed");
    if (link !== undefined) this.#sendConnect(link, credentials);
  }

  /** Returns the next frame received, or `undefined` if more bytes are needed or the server violated the protocol. */
  pull(): ServerFrame | undefined {
    const { link } = this.#context;
    if (link === undefined || this.#context.phase === "closed") return undefined;
    try {
      return link.decoder?.pull();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const isStranger = link.phase === "greeting" && error.code === "UNKNOWN_VERB";
      this.#context.fail("PROTOCOL", isStranger ? `not a NATS server: ${error.message}` : error.message);
      return undefined;
    }
  }

  /** Handles a frame. Returns the event of a message, if that is its only output. All other outputs are emitted. */
  handle(frame: ServerFrame): Event | undefined {
    const { link, phase } = this.#context;
    if (link === undefined) return undefined;
    // In `ready` every frame is handled: messages do not pay for the table (`session subscribe 16 B`).
    if (phase !== "ready" && phases[phase][frame.op] !== "handle")
      this.#context.fail("PROTOCOL", `unexpected ${frame.op.toUpperCase()} before the handshake completed`);
    else if (frame.op === "msg") return this.#onMessage(frame);
    else this.#dispatch(link, frame);
    return undefined;
  }

  /** Returns the connection, if its phase handles this input. */
  #linkFor(input: Input): Link | undefined {
    const { link, phase } = this.#context;
    return phases[phase][input] === "handle" ? link : undefined;
  }

  #dispatch(link: Link, frame: Exclude<ServerFrame, Msg>): void {
    switch (frame.op) {
      case "ping":
        if (link.phase === "signing") link.pongDue = true;
        // A peer that sends PINGs and does not read the PONGs gets no more of them. Messages never use more than half of this.
        else if (link.pending < 2 * this.#context.config.maxPending) link.encoder.push({ op: "pong" });
        return;
      case "pong":
        return this.#onPong(link);
      case "info":
        return this.#onInfo(link, frame.info);
      case "err":
        return this.#onErr(link, frame.text);
      case "ok": {
        const { published } = link.awaitingOk?.shift() ?? {};
        if (published !== undefined) this.#outbound.confirm(link, published);
        return;
      }
    }
  }

  #onMessage(message: Msg): Event | undefined {
    const subscription = this.#subscriptions.get(message.sid);
    if (subscription === undefined) {
      this.counts.unmatched++;
      return undefined;
    }
    this.counts.received++;
    const { ticket } = subscription;
    if (ticket === undefined) return this.#inbound.deliver(subscription, message);
    const operation = this.#operations.find(ticket);
    if (operation !== undefined) return this.#operations.reply(operation, message);
    this.counts.unmatched++;
    return undefined;
  }

  #onPong(link: Link): void {
    const ping = link.pendingPings.shift();
    // A PONG without a PING confirms nothing (docs/reliability.md, S10).
    if (ping === undefined) {
      this.counts.unexpectedPongs++;
      return;
    }
    const { purpose, ticket } = ping;
    this.#outbound.confirm(link, ping.published);
    if (purpose === "handshake") this.#connected(link);
    else if (purpose !== "keep-alive") this.#operations.complete(purpose, ticket);
  }

  /** Completes the handshake: sends the subscriptions, then what was published without a connection. */
  #connected(link: Link): void {
    link.activate(this.#context.now, this.#context.config);
    const again = this.#scheduler.connected(link);
    for (const frame of this.#subscriptions.replay()) link.send(frame);
    const rejected = this.#outbound.sendBuffered(link);
    this.#operations.connected(link);
    this.#context.emit({ event: "connected", to: link.address.endpoint, info: link.info, again });
    this.#operations.reject(rejected);
    this.#scheduler.discover(link);
    this.#outbound.reportReady();
  }

  #onInfo(link: Link, info: ServerInfo): void {
    link.update(info);
    if (link.phase === "greeting") return this.#onFirstInfo(link, info);
    if (info.connect_urls !== undefined) this.#scheduler.discover(link);
    if (info.ldm === true) this.#context.emit({ event: "lame-duck" });
  }

  #onFirstInfo(link: Link, info: ServerInfo): void {
    const { endpoint } = link.address;
    const policy = tlsPolicyFor(link.address, this.#context.config, this.#wasSecure);
    const decision = link.isSecure ? false : decideTls(info, policy, endpoint.scheme);
    if (typeof decision !== "boolean") return this.#context.fail(decision.reason, decision.detail);
    if (!decision) return this.#authenticate(link);
    // Bytes before and after the TLS handshake are two streams.
    if (link.decoder !== undefined && link.decoder.buffered > 0) return this.#context.fail("TLS", UNEXPECTED_PLAINTEXT);
    link.phase = "securing";
    link.decoder = undefined;
    this.#context.emit({ do: "start-tls", serverName: endpoint.serverName });
  }

  /** Sends CONNECT, or asks the runtime for credentials first. */
  #authenticate(link: Link): void {
    const { hasCredentials, allowPlaintextCredentials } = this.#context.config;
    const nonce = nonceOf(link.info);
    if (typeof nonce === "object") return this.#context.fail(nonce.reason, nonce.detail);
    const { endpoint, user, pass, token } = link.address;
    const inUrl = user !== undefined || token !== undefined;
    const isPlaintext = !link.isSecure && !isLoopback(endpoint);
    if (isPlaintext && !allowPlaintextCredentials && (inUrl || hasCredentials)) {
      return this.#context.fail("TLS", PLAINTEXT_CREDENTIALS);
    }
    if (inUrl || !hasCredentials) return this.#sendConnect(link, { user, pass, auth_token: token });
    link.phase = "signing";
    this.#context.emit({ do: "sign", nonce, to: endpoint });
  }

  #sendConnect(link: Link, credentials: Credentials): void {
    const options = connectInfo(this.#context.config, link.info, credentials, link.isSecure);
    try {
      link.send({ op: "connect", options });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return this.#context.fail("AUTH", error.message);
    }
    if (link.pongDue) link.encoder.push({ op: "pong" });
    link.phase = "connecting";
    link.ping("handshake");
  }

  #onErr(link: Link, text: string): void {
    const known = serverError(text);
    if (known === undefined || known.survives) return this.#onSurvivableErr(link, text);
    const isAuth = /^AUTH|EXPIRED$|REVOKED$/.test(known.code);
    // Neither of two errors refuses the credentials of the next attempt: AUTHENTICATION_TIMEOUT means that the server was too
    // slow, and an error in `ready` that the credentials have expired.
    if (isAuth && link.phase !== "ready" && known.code !== "AUTHENTICATION_TIMEOUT")
      this.#scheduler.refused(link, known.code);
    this.#context.fail(isAuth ? "AUTH" : known.code === "STALE" ? "STALE" : "REFUSED", text);
  }

  #onSurvivableErr(link: Link, text: string): void {
    const reason = /^permissions violation/i.test(text) ? "PERMISSION" : "PROTOCOL";
    // `Invalid Publish Subject` is the only error that +OK follows.
    const about = /^invalid publish subject/i.test(text) ? undefined : link.awaitingOk?.shift();
    this.counts.errors++;
    const parsed = parseDenial(text);
    const detail = parsed === undefined ? text : formatDenial(parsed);
    if (parsed !== undefined) this.#deny(parsed, detail);
    else if (/^maximum subscriptions exceeded/i.test(text)) this.#refuseNewest(text);
    // Only now: until then, the denied message counts as one that was not read.
    if (about?.published !== undefined) this.#outbound.confirm(link, about.published);
    if (!this.#errorRateLimit.allows(this.#context.now)) return;
    this.#context.emit({ event: "error", reason, detail, about: about?.operation, denial: parsed?.denial });
  }

  /** Ends what the server does not permit: the request, or the subscription. */
  #deny(parsed: ParsedDenial, detail: string): void {
    const { denial } = parsed;
    if (denial.operation === "publish") return this.#operations.deny(parsed, detail);
    const subscription = this.#subscriptions.denied(parsed);
    if (subscription !== undefined) this.#end(subscription, { reason: "PERMISSION", detail, denial });
  }

  /** Ends the newest subscription, which was one too many: the error does not name it. */
  #refuseNewest(text: string): void {
    const subscription = this.#subscriptions.newest;
    if (subscription === undefined) return;
    const { subject, queue } = subscription;
    const detail = `the server refuses the subscription to ${JSON.stringify(subject)}: ${text}`;
    this.#end(subscription, { reason: "REFUSED", detail, denial: { operation: "subscribe", subject, queue } });
  }

  #end(subscription: Subscription, failure: Failure): void {
    if (subscription.ticket === undefined) this.#inbound.end([subscription], failure);
    else this.#operations.denyInbox(subscription, failure);
  }
}
