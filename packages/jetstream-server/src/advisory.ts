// SPDX-License-Identifier: Apache-2.0
import { randomText } from "@natswire/server";
import type { JetStreamAccount } from "./account.ts";
import { timeText } from "./time.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * Publishes an advisory: an event of a stream or a consumer.
 *
 * @param subject what follows `$JS.EVENT.ADVISORY.` in its subject
 * @param type what follows `io.nats.jetstream.advisory.v1.` in its type
 */
export function advise(account: JetStreamAccount, subject: string, type: string, fields: object): void {
  const { host } = account.engine;
  account.publishJson(`$JS.EVENT.ADVISORY.${subject}`, {
    type: `io.nats.jetstream.advisory.v1.${type}`,
    id: randomText(host.random, ALPHABET, 22),
    timestamp: timeText(host.wall),
    ...fields,
  });
}
