// SPDX-License-Identifier: Apache-2.0
import type { ServeOptions } from "@natswire/node";

/**
 * What to wait for after a step. By default: the answer to each PING of the step. If it has none, a PING is added, without
 * its PONG in the transcript.
 *
 * `more`: nothing; the rest follows after a pause, so that the server reads it separately. `closed`: the server closes the
 * connection. `pinged`: a PING from the server; the transcript of such a script includes them. `informed`: another INFO.
 */
export type Then = "more" | "closed" | "pinged" | "informed";

/** What a connection sends, one character a byte. A connection is opened when it is first named. */
export type Step = readonly [who: string, text: string, then?: Then];

/** Makes the server enter lame duck mode. `ops` is not a connection. */
export const LAME_DUCK: Step = ["ops", "lame duck"];

/** Steps in order. A text alone is sent by connection `a`. */
export type Script = string | readonly Step[];

/** Scripts about one topic, played with one configuration. */
export interface Theme {
  readonly about: string;
  /** The configuration of the embedded server and of nats-server; the defaults if not given. */
  readonly ours?: ServeOptions;
  readonly real?: string;
  /** Plays each script on servers of its own, concurrently: for scripts that take time. */
  readonly alone?: true;
  /** The scripts by title. */
  readonly scripts: Readonly<Record<string, Script>>;
}

/** The usual CONNECT lines. Only `verbose` is answered, with `+OK`. */
export const quiet = 'CONNECT {"verbose":false,"pedantic":false}\r\n';
export const verbose = 'CONNECT {"verbose":true,"pedantic":false}\r\n';
export const pedantic = 'CONNECT {"verbose":false,"pedantic":true}\r\n';
export const noEcho = 'CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\n';
export const headers = 'CONNECT {"verbose":false,"pedantic":false,"headers":true}\r\n';
export const requester = 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n';
