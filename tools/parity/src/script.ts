// SPDX-License-Identifier: Apache-2.0
import type { ServeOptions } from "@natswire/node";

/**
 * What is waited for behind a step. Where it is left out: the answer to each PING; where the step has none, one is
 * asked for and left out of the transcript.
 *
 * `more`: nothing, the rest follows, but so late that the server reads it apart. `closed`: that the server closes the
 * connection. `pinged`: a PING of the server's; a script that waits for them has them in its transcript. `informed`:
 * another INFO.
 */
export type Then = "more" | "closed" | "pinged" | "informed";

/** Who says what; a connection opens when it is first named. One character is one byte. */
export type Step = readonly [who: string, says: string, then?: Then];

/** The connection `ops` is an operator's: it tells the server to go in lame duck mode. */
export const LAME_DUCK: Step = ["ops", "lame duck"];

/** Steps, one after the other; text alone is what connection `a` says. */
export type Script = string | readonly Step[];

/** Scripts that are about one thing and are played with one configuration. */
export interface Theme {
  readonly about: string;
  /** How ours is told, and how the real one is; their defaults where left out. */
  readonly ours?: ServeOptions;
  readonly real?: string;
  /** Each script has servers of its own, and they are played at the same time: those that have to wait. */
  readonly alone?: true;
  /** A sentence for each: what one should look at. */
  readonly scripts: Readonly<Record<string, Script>>;
}

/** The usual ways to introduce oneself, each without an answer of its own but the one with `+OK`. */
export const quiet = 'CONNECT {"verbose":false,"pedantic":false}\r\n';
export const verbose = 'CONNECT {"verbose":true,"pedantic":false}\r\n';
export const pedantic = 'CONNECT {"verbose":false,"pedantic":true}\r\n';
export const noEcho = 'CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\n';
export const headers = 'CONNECT {"verbose":false,"pedantic":false,"headers":true}\r\n';
export const requester = 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n';
