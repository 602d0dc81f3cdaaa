// SPDX-License-Identifier: Apache-2.0
import { encode, type Printable, printable, serverError } from "@natswire/codec";
import type { ClientOrigin, ConnectionId, ConnectionInfo, ListenerId, ServerCore } from "@natswire/server";
import type { Clock } from "../clock.ts";
import { encoder } from "../platform.ts";
import { FaultInjector, type FrameSelector } from "../testing/fault-injector.ts";
import type { FrameRecorder } from "../testing/frame-recorder.ts";
import { DEFAULT_GRACE_MS, type Transport } from "../transport/transport.ts";
import type { ServerConnection } from "./server-connection.ts";

// Bytes that are written at once: a runtime reports one write as a whole, and a receiver's progress is seen by that.
const BATCH = 262_144;

/** Why a connection is not read: a test stopped it, its authorizer runs, or a receiver of its messages lags. */
export type PauseReason = "test" | "authorizer" | "stall";

/** What a PeerConnection stands between. */
interface PeerOptions {
  readonly id: ConnectionId;
  readonly core: ServerCore;
  readonly clock: Clock;
  readonly transport: Transport;
  readonly origin: ClientOrigin;
  readonly listener: ListenerId;
  readonly recorder: FrameRecorder | undefined;
  /** Called once, when the connection ends: the core still describes it. */
  readonly ending: () => void;
}

const Printed: Printable = /* @__PURE__ */ printable("ServerConnection");

/** Stands between the core and a transport: bytes pass straight through until a test asks for a fault. */
export class PeerConnection extends Printed implements ServerConnection {
  readonly id: ConnectionId;
  readonly origin: ClientOrigin;
  readonly listener: ListenerId;
  /** Why it ended, if its transport reported an error. */
  cause: Error | undefined;
  readonly #core: ServerCore;
  readonly #clock: Clock;
  readonly #transport: Transport;
  readonly #recorder: FrameRecorder | undefined;
  readonly #ending: () => void;
  #injector: FaultInjector | undefined;
  // Bytes that were written past the injector, and are not reported as written yet.
  #lent = 0;
  readonly #pauses = new Set<PauseReason>();
  // The transport has no room: what follows stays in the core, which counts it.
  #isFull = false;
  #bytesWritten = 0;
  #isEnded = false;

  constructor({ id, core, clock, transport, origin, listener, recorder, ending }: PeerOptions) {
    super();
    this.id = id;
    this.origin = origin;
    this.listener = listener;
    this.#core = core;
    this.#clock = clock;
    this.#transport = transport;
    this.#recorder = recorder;
    this.#ending = ending;
  }

  get info(): ConnectionInfo | undefined {
    return this.#core.connection(this.id);
  }

  toJSON(): object {
    const { id, info } = this;
    if (info === undefined) return { id, connected: false };
    const { connected, address, account, options, subscriptions, published, delivered, pending } = info;
    const counts = { subscriptions: subscriptions.length, published, delivered, pending };
    return { id, connected, name: options.name, address, account, ...counts };
  }

  kill(): void {
    // The core is notified before the socket, so what is published next is not sent there.
    this.end();
    this.#core.lost(this.id, this.#clock.now());
    this.#transport.abort();
  }

  stopReading(): void {
    this.pause("test");
  }

  startReading(): void {
    this.resume("test");
  }

  /** Stops reading, until every reason for that is gone. */
  pause(reason: PauseReason): void {
    if (this.#pauses.size === 0) this.#transport.pause();
    this.#pauses.add(reason);
  }

  /** Continues reading if no other reason is left. */
  resume(reason: PauseReason): void {
    if (this.#pauses.delete(reason) && this.#pauses.size === 0) this.#transport.resume();
  }

  inject(bytes: Uint8Array | string): void {
    this.#faults.inject(typeof bytes === "string" ? encoder.encode(bytes) : new Uint8Array(bytes));
  }

  error(text: string): void {
    this.#faults.inject(encode({ op: "err", text }));
    if (serverError(text)?.survives !== true) this.close(false);
  }

  drop(selector: FrameSelector, times: number = Number.POSITIVE_INFINITY): void {
    this.#faults.drop(selector, times);
  }

  hold(selector: FrameSelector): () => void {
    return this.#faults.hold(selector);
  }

  delay(milliseconds: number): void {
    this.#faults.delay(milliseconds);
  }

  split(bytes: number): void {
    this.#faults.split(bytes);
  }

  /** Bytes that the transport has written. */
  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  /** Writes what the core has for the client, as long as the transport has room. */
  transmit(): void {
    let size = 0;
    for (let bytes = this.#isFull ? undefined : this.#pull(); bytes !== undefined; ) {
      size += bytes.length;
      const next = size < BATCH ? this.#pull() : undefined;
      this.#isFull = !this.#write(bytes, next !== undefined);
      if (next === undefined) size = 0;
      bytes = next ?? (this.#isFull ? undefined : this.#pull());
    }
  }

  /** Continues after the transport had no room. */
  ready(): void {
    this.#isFull = false;
    this.transmit();
  }

  /** Reports that the transport no longer reads the oldest bytes written. */
  written(bytes: number): void {
    this.#bytesWritten += bytes;
    const released = Math.min(bytes, this.#lent);
    this.#lent -= released;
    this.#core.released(this.id, released);
    if (bytes > released) this.#injector?.written();
  }

  /** Closes the transport after what was written; aborts it if the client is too slow. */
  close(isSlow: boolean, grace: number = DEFAULT_GRACE_MS): void {
    if (isSlow) return this.#transport.abort();
    // The transport closes after what was written to it.
    do this.ready();
    while (this.#isFull);
    if (this.#injector === undefined) this.#transport.close(grace);
    else this.#injector.finish(() => this.#transport.close(grace));
  }

  /** Starts TLS after what was written so far. */
  startTls(): void {
    if (this.#injector === undefined) this.#transport.startTls?.();
    else this.#injector.finish(() => this.#transport.startTls?.());
  }

  /** Stops writing: the connection has ended. */
  end(): void {
    if (this.#isEnded) return;
    this.#ending();
    this.#isEnded = true;
    this.#injector?.end();
  }

  #pull(): Uint8Array | undefined {
    return this.#core.transmit(this.id);
  }

  /** Writes bytes of the core, which are lent until they are released. Returns false if the transport has no more room. */
  #write(bytes: Uint8Array, more: boolean): boolean {
    if (this.#isEnded) return true;
    if (this.#injector !== undefined) {
      this.#injector.push(bytes);
      this.#core.released(this.id, bytes.length);
      return true;
    }
    this.#lent += bytes.length;
    this.#recorder?.received(bytes);
    return this.#transport.write(bytes, more);
  }

  get #faults(): FaultInjector {
    this.#injector ??= new FaultInjector(this.#clock, (bytes) => {
      this.#recorder?.received(bytes);
      this.#transport.write(bytes, false);
    });
    return this.#injector;
  }
}
