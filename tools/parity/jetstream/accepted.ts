// SPDX-License-Identifier: Apache-2.0

/** An intended difference between JetStream of the embedded server and nats-server. */
export interface Accepted {
  readonly name: string;
  /** The rule that the embedded server follows. */
  readonly reason: string;
  /** Matches the lines of `differencesOf` after `theme: title: `. One of them, at least, must occur. */
  readonly lines: RegExp;
}

/** All of them. The tests fail for a difference that is not listed, and for a listed one that no longer occurs. */
export const accepted: readonly Accepted[] = [
  {
    name: "The API level is that of 2.11",
    reason: "Every JetStream feature up to 2.11 is here. nats-server reports the level of its own release.",
    lines: /data (config metadata _nats\.level|api level|.* config metadata _nats\.level): recorded/,
  },
  {
    name: "Copies are stored at once",
    reason: "A mirror, or a stream with sources, has its copies before the request that creates it is answered.",
    lines: /^copies: .*: step \d answer 0 data state \w+: recorded (0|"0001|nothing)/,
  },
];
