// SPDX-License-Identifier: Apache-2.0
import { encode, serverError } from "@natswire/codec";
import type { ConnectionId, ConnectionInfo, ServerCore } from "@natswire/server";
import type { Clock } from "../clock.ts";
import { encoder } from "../platform.ts";
import { FaultInjector, type FrameSelector } from "../testing/fault-injector.ts";
import type { FrameRecorder } from "../testing/frame-recorder.ts";
import { DEFAULT_GRACE_MS, type Transport } from "../transport/transport.ts";
import type { ServerConnection } from "./server-connection.ts";

/** Between the core and a transport: bytes pass straight through, until there is trouble. */
export class PeerConnection implements ServerConnection {
  readonly id: ConnectionId;
  readonly #core: ServerCore;
  readonly #clock: Clock;
  readonly #transport: Transport;
  readonly #scribe: FrameRecorder | undefined;
  #trouble: FaultInjector | undefined;
  // Bytes that were written before there was trouble, and are not reported as written yet.
  #lent = 0;
  #isGone = false;

  constructor(
    id: ConnectionId,
    core: ServerCore,
    clock: Clock,
    transport: Transport,
    scribe: FrameRecorder | undefined,
  ) {
    this.id = id;
    this.#core = core;
    this.#clock = clock;
    this.#transport = transport;
    this.#scribe = scribe;
  }

  get info(): ConnectionInfo | undefined {
    return this.#core.connection(this.id);
  }

  kill(): void {
    // The server knows before the socket does: what is published next does not go there.
    this.gone();
    this.#core.lost(this.id, this.#clock.now());
    this.#transport.abort();
  }

  stopReading(): void {
    this.#transport.pause();
  }

  startReading(): void {
    this.#transport.resume();
  }

  inject(bytes: Uint8Array | string): void {
    this.#troubled.inject(typeof bytes === "string" ? encoder.encode(bytes) : new Uint8Array(bytes));
  }

  error(text: string): void {
    this.#troubled.inject(encode({ op: "err", text }));
    if (serverError(text)?.survives !== true) this.hangUp(false);
  }

  drop(which: FrameSelector, times: number = Number.POSITIVE_INFINITY): void {
    this.#troubled.drop(which, times);
  }

  hold(which: FrameSelector): () => void {
    return this.#troubled.hold(which);
  }

  delay(milliseconds: number): void {
    this.#troubled.delay(milliseconds);
  }

  split(bytes: number): void {
    this.#troubled.split(bytes);
  }

  /** Bytes of the server's; they are lent until it is told that they are released. */
  transmit(bytes: Uint8Array, more: boolean): void {
    if (this.#isGone) return;
    if (this.#trouble !== undefined) {
      this.#trouble.push(bytes);
      this.#core.released(this.id, bytes.length);
      return;
    }
    this.#lent += bytes.length;
    this.#scribe?.heard(bytes);
    this.#transport.write(bytes, more);
  }

  /** The transport no longer reads the oldest bytes written. */
  written(bytes: number): void {
    const released = Math.min(bytes, this.#lent);
    this.#lent -= released;
    this.#core.released(this.id, released);
    if (bytes > released) this.#trouble?.written();
  }

  /** Ends it after what was written; whoever does not read is cut off. */
  hangUp(isSlow: boolean, linger: number = DEFAULT_GRACE_MS): void {
    if (isSlow) this.#transport.abort();
    else if (this.#trouble === undefined) this.#transport.close(linger);
    else this.#trouble.finish(() => this.#transport.close(linger));
  }

  /** Goes on in TLS behind what was said so far. */
  startTls(): void {
    if (this.#trouble === undefined) this.#transport.startTls?.();
    else this.#trouble.finish(() => this.#transport.startTls?.());
  }

  /** Nothing more is written. */
  gone(): void {
    this.#isGone = true;
    this.#trouble?.end();
  }

  get #troubled(): FaultInjector {
    this.#trouble ??= new FaultInjector(this.#clock, (bytes) => {
      this.#scribe?.heard(bytes);
      this.#transport.write(bytes, false);
    });
    return this.#trouble;
  }
}
