// SPDX-License-Identifier: Apache-2.0
import type { ClientFrame } from "@natswire/codec";
import type { Transport, TransportHandler } from "@natswire/io";
import type { Network } from "../network.ts";
import type { Wire } from "../wire.ts";

const HIGH_WATER = 65_536;
const GRACE = 1000;

/** A transport of the client on a simulated connection. */
export class WireTransport implements Transport {
  readonly wire: Wire;
  readonly #network: Network;
  readonly #on: TransportHandler;
  readonly #onSent: (frames: readonly ClientFrame[]) => void;
  #state: "opening" | "open" | "closing" | "closed" = "opening";
  #unsent = 0;
  #isFull = false;

  /** @param onSent called with the frames that end in what was written */
  constructor(network: Network, wire: Wire, on: TransportHandler, onSent: (frames: readonly ClientFrame[]) => void) {
    this.#network = network;
    this.wire = wire;
    this.#on = on;
    this.#onSent = onSent;
    const { random, schedule, now, hasFaults } = network;
    if (hasFaults && random.once(25)) wire.stopForwarding();
    else schedule.at(now + random.below(20), () => this.#opened());
  }

  /** Whether the client may still use it. */
  get isLive(): boolean {
    return this.#state === "opening" || this.#state === "open";
  }

  write(bytes: Uint8Array): boolean {
    if (this.#state !== "open") return true;
    this.#unsent += bytes.length;
    this.#onSent(this.wire.sendToServer([bytes]));
    this.#isFull = this.#unsent > HIGH_WATER;
    return !this.#isFull;
  }

  pause(): void {
    this.wire.toClient.isPaused = true;
  }

  resume(): void {
    this.wire.toClient.isPaused = false;
    this.wire.toClient.resume();
  }

  close(grace: number = GRACE): void {
    if (this.#state !== "open") return this.abort();
    // The server closes its side soon, or never.
    const { random } = this.#network;
    this.#leave(true, random.once(4) ? grace : random.below(60));
  }

  abort(): void {
    if (this.isLive) this.#leave(false, 0);
  }

  received(chunk: Uint8Array): void {
    if (this.#state === "open") this.#on.data(chunk);
  }

  released(bytes: number): void {
    if (this.#state === "closed") return;
    this.#unsent -= bytes;
    this.#on.written(bytes);
    if (!this.#isFull || this.#unsent > HIGH_WATER) return;
    this.#isFull = false;
    this.#on.ready();
  }

  /** Ends it, and reports that. */
  lost(detail?: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#on.close(detail === undefined ? undefined : new Error(detail));
  }

  #opened(): void {
    if (this.#state !== "opening") return;
    const { host } = this.wire;
    if (host.core === undefined) {
      this.#network.saw("refused");
      return this.lost("connection refused");
    }
    this.#state = "open";
    this.#on.open();
    const { random, schedule, now } = this.#network;
    schedule.at(now + random.below(30), () => {
      if (this.#state === "open") host.accept(this.wire);
    });
  }

  #leave(isFlushed: boolean, after: number): void {
    this.#state = "closing";
    this.wire.closeByClient(isFlushed);
    this.#network.schedule.at(this.#network.now + after, () => this.lost());
  }
}
