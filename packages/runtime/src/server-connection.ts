// SPDX-License-Identifier: Apache-2.0
import { encode, serverError } from "@natswire/codec";
import type { PeerId, PeerInfo, ServerCore } from "@natswire/server";
import type { Clock } from "./clock.ts";
import { encoder } from "./platform.ts";
import type { Scribe } from "./transcript.ts";
import type { Transport } from "./transport.ts";
import { Trouble, type Which } from "./trouble.ts";

/**
 * One client's connection, as its server sees it, and the trouble a test can make for it.
 *
 * Trouble is for what the server says on its way to this client; the server itself knows nothing of it.
 */
export class ServerConnection {
  readonly id: PeerId;
  readonly #core: ServerCore;
  readonly #clock: Clock;
  readonly #transport: Transport;
  readonly #scribe: Scribe | undefined;
  #trouble: Trouble | undefined;
  // Bytes that were written before there was trouble, and are not reported as written yet.
  #lent = 0;
  #isGone = false;

  constructor(id: PeerId, core: ServerCore, clock: Clock, transport: Transport, scribe: Scribe | undefined) {
    this.id = id;
    this.#core = core;
    this.#clock = clock;
    this.#transport = transport;
    this.#scribe = scribe;
  }

  /** What it is now; `undefined` where it is gone. */
  get info(): PeerInfo | undefined {
    return this.#core.connection(this.id);
  }

  /** Ends it at once, as a crash or a broken network does. */
  kill(): void {
    // The server knows before the socket does: what is published next does not go there.
    this.gone();
    this.#core.lost(this.id, this.#clock.now());
    this.#transport.abort();
  }

  /** Reads nothing more of what the client says, until `readOn`. */
  stopReading(): void {
    this.#transport.pause();
  }

  readOn(): void {
    this.#transport.resume();
  }

  /** Says these bytes to the client, whatever they are; text as UTF-8. */
  inject(bytes: Uint8Array | string): void {
    this.#troubled.inject(typeof bytes === "string" ? encoder.encode(bytes) : bytes.slice());
  }

  /**
   * Says `-ERR`, and ends the connection where a real server would with this text.
   *
   * @throws UsageError BAD_FIELD where no `-ERR` can carry it
   */
  error(text: string): void {
    this.#troubled.inject(encode({ op: "err", text }));
    if (serverError(text)?.survives !== true) this.hangUp(false, undefined);
  }

  /** These frames never arrive, or the first `times` of them: `drop("msg", 1)`. */
  drop(which: Which, times: number = Number.POSITIVE_INFINITY): void {
    this.#troubled.drop(which, times);
  }

  /**
   * These frames wait while others pass: a client that hears no PONG is `hold("pong")`.
   *
   * @returns lets them go, and those to come
   */
  hold(which: Which): () => void {
    return this.#troubled.hold(which);
  }

  /** All it hears from now on comes so many milliseconds later, in order. */
  delay(milliseconds: number): void {
    this.#troubled.delay(milliseconds);
  }

  /** All it hears from now on is written in pieces of so many bytes. */
  split(bytes: number): void {
    this.#troubled.split(bytes);
  }

  /** @internal Bytes of the server's; they are lent until it is told that they are released. */
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

  /** @internal */
  written(bytes: number): void {
    const released = Math.min(bytes, this.#lent);
    this.#lent -= released;
    this.#core.released(this.id, released);
    if (bytes > released) this.#trouble?.written();
  }

  /** @internal Ends it after what was written; whoever does not read is cut off. */
  hangUp(isSlow: boolean, linger: number | undefined): void {
    if (isSlow) this.#transport.abort();
    else if (this.#trouble === undefined) this.#transport.close(linger);
    else this.#trouble.finish(() => this.#transport.close(linger));
  }

  /** @internal Goes on in TLS behind what was said so far. */
  startTls(): void {
    if (this.#trouble === undefined) this.#transport.startTls?.();
    else this.#trouble.finish(() => this.#transport.startTls?.());
  }

  /** @internal */
  gone(): void {
    this.#isGone = true;
    this.#trouble?.end();
  }

  get #troubled(): Trouble {
    this.#trouble ??= new Trouble(this.#clock, (bytes) => {
      this.#scribe?.heard(bytes);
      this.#transport.write(bytes, false);
    });
    return this.#trouble;
  }
}
