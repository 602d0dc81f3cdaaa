// SPDX-License-Identifier: Apache-2.0

/** A payload. An object is sent as JSON. */
export type Data = string | object;

/** Header lines, such as `Nats-Msg-Id: 1`. */
export type HeaderLines = readonly string[];

/** Publishes a message and waits for the answer, which is under `answer` in the transcript. */
export interface Request {
  readonly request: string;
  readonly data?: Data;
  readonly headers?: HeaderLines;
}

/** Publishes a message. A reply subject is subscribed to first. */
export interface Send {
  readonly send: string;
  readonly reply?: string;
  readonly data?: Data;
  readonly headers?: HeaderLines;
}

export interface Subscribe {
  readonly subscribe: string;
  readonly queue?: string;
}

export interface Unsubscribe {
  readonly unsubscribe: string;
}

/**
 * Responds to a message: the n-th with a reply subject that came to a subscription, counted from 1.
 *
 * With `confirmed`, it waits for an answer. With a reply subject, the answer goes there.
 */
export interface Respond {
  readonly respond: string;
  readonly to: readonly [subscription: string, n: number];
  readonly confirmed?: true;
  readonly reply?: string;
}

/** Lets milliseconds pass. */
export interface Wait {
  readonly wait: number;
}

/** Closes a connection. */
export interface Close {
  readonly close: string;
}

/**
 * What a connection does; `a` unless `by` names another one. A connection is opened when it is first named.
 *
 * In subjects, headers and payloads, `{1}` is the first name that the server generated, `{2}` the second; `{x*500}` is the
 * letter x, 500 times.
 */
export type Step = (Request | Send | Subscribe | Unsubscribe | Respond | Wait | Close) & { readonly by?: string };

/** A release of nats-server whose answers are recorded: Debian's, the one that ours behaves like, or the current one. */
export type Release = "2.9" | "2.11" | "current";

/** Scripts about one topic, by title. A title is a verb phrase that states one behaviour. */
export interface Theme {
  /** Also names the file of its recording. */
  readonly about: string;
  readonly scripts: Readonly<Record<string, readonly Step[]>>;
  /** Scripts for which 2.9 is too old. */
  readonly newer?: Readonly<Record<string, readonly Step[]>>;
}

/** Returns the scripts of a theme that a release can play. */
export function scriptsFor(theme: Theme, release: Release): Readonly<Record<string, readonly Step[]>> {
  return release === "2.9" ? theme.scripts : { ...theme.scripts, ...theme.newer };
}
