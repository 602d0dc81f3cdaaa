// SPDX-License-Identifier: Apache-2.0

/** What a parser accepts at most; a larger one is refused before memory is spent on it. */
export interface Limits {
  /** Longest control line in bytes, from the verb up to, not including, its line end. */
  readonly line: number;
  /** The same for the INFO line, which carries a cluster's whole address list. */
  readonly info: number;
  /** Largest declared size in bytes, headers and payload together. */
  readonly payload: number;
  /** Refuse a control line that ends in a bare LF, which the reference server and clients accept. */
  readonly strictLineEnd: boolean;
}

/**
 * Limits for the frames that a server sends.
 *
 * A server relays a publisher's subject and reply with its own sid and sizes, so its lines may be twice as long as
 * the 4,096 bytes it accepts itself.
 */
export const serverFrameLimits: Limits = { line: 65_536, info: 1_048_576, payload: 67_108_864, strictLineEnd: false };

/** Limits with some overridden; one that is given as `undefined` is not given. */
export function withDefaults<T extends object>(limits: T, given: Partial<T> = {}): T {
  const all = { ...limits, ...given };
  for (const name in limits) all[name] ??= limits[name];
  return all;
}

/** Limits for the frames that a client sends: the reference server's 4,096 argument bytes after `CONNECT `. */
export const clientFrameLimits: Limits = { line: 4_104, info: 1_048_576, payload: 1_048_576, strictLineEnd: false };
