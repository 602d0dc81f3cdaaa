// SPDX-License-Identifier: Apache-2.0
import type { ConnectionId, ConnectionInfo } from "@natswire/server";
import type { FrameSelector } from "../testing/fault-injector.ts";

/**
 * One client's connection, as its server sees it, and the trouble a test can make for it.
 *
 * Trouble is for what the server says on its way to this client; the server itself knows nothing of it.
 */
export interface ServerConnection {
  /** Counted from 1; never used twice. */
  readonly id: ConnectionId;
  /** What it is now; `undefined` where it is gone. */
  readonly info: ConnectionInfo | undefined;
  /** Ends it at once, as a crash or a broken network does. */
  kill(): void;
  /** Reads nothing more of what the client says, until `startReading`. */
  stopReading(): void;
  /** Reads on, what waits first. */
  startReading(): void;
  /** Says these bytes to the client, whatever they are; text as UTF-8. */
  inject(bytes: Uint8Array | string): void;
  /**
   * Says `-ERR`, and ends the connection where a real server would with this text.
   *
   * @throws UsageError BAD_FIELD where no `-ERR` can carry it
   */
  error(text: string): void;
  /**
   * These frames never arrive, or the first `times` of them: `drop("msg", 1)`.
   *
   * @throws UsageError BAD_FIELD where that is no operation of a server's
   */
  drop(which: FrameSelector, times?: number): void;
  /**
   * These frames wait while others pass: a client that hears no PONG is `hold("pong")`.
   *
   * @returns lets them go, and those to come
   * @throws UsageError BAD_FIELD where that is no operation of a server's
   */
  hold(which: FrameSelector): () => void;
  /** All it hears from now on comes so many milliseconds later, in order. */
  delay(milliseconds: number): void;
  /** All it hears from now on is written in pieces of so many bytes. */
  split(bytes: number): void;
}
