// SPDX-License-Identifier: Apache-2.0
import type { ConnectionId, ConnectionInfo } from "@natswire/server";
import type { FrameSelector } from "../testing/fault-injector.ts";

/**
 * One client's connection as its server sees it, with faults that a test injects.
 *
 * Faults affect what is sent to this client on its way there; the server itself does not know of them. All of them do nothing
 * after the connection has ended.
 */
export interface ServerConnection {
  /** Its number, counted from 1 and never used twice. */
  readonly id: ConnectionId;
  /** What the server knows of the client now; `undefined` after the connection has ended. */
  readonly info: ConnectionInfo | undefined;
  /** Returns what `console.log` and `JSON.stringify` show: number, address, name and counts. No credentials. */
  toJSON(): object;
  /** Ends the connection at once, as a crash or a broken network does. */
  kill(): void;
  /** Stops reading what the client sends, until `startReading`. */
  stopReading(): void;
  /** Continues reading; what has arrived meanwhile comes first. */
  startReading(): void;
  /** Sends these bytes to the client, valid or not; text as UTF-8. */
  inject(bytes: Uint8Array | string): void;
  /**
   * Sends `-ERR`, and closes the connection if nats-server closes it with this text.
   *
   * @throws UsageError BAD_FIELD if the text does not fit into an `-ERR`
   */
  error(text: string): void;
  /**
   * Drops these frames, or the first `times` of them: `drop("msg", 1)`.
   *
   * @throws UsageError BAD_FIELD if a server does not send such a frame
   */
  drop(selector: FrameSelector, times?: number): void;
  /**
   * Holds these frames back while others pass: with `hold("pong")` the client waits for its PONG.
   *
   * Returns a function that releases them, and lets later ones pass.
   *
   * @throws UsageError BAD_FIELD if a server does not send such a frame
   */
  hold(selector: FrameSelector): () => void;
  /** Delays everything sent from now on by this many milliseconds of the server's clock, in order. */
  delay(milliseconds: number): void;
  /** Writes everything sent from now on in pieces of this many bytes. */
  split(bytes: number): void;
}
