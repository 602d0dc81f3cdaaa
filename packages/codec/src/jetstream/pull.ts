// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "../errors.ts";
import { decodeText } from "../text.ts";
import { MAX_EXACT, MAX_INT64 } from "./fields.ts";
import { payloadOf, readJson, type Shape, writeFields } from "./json.ts";

const MAX_PRIORITY = 9;
const shape: Shape = {
  batch: ["batch", MAX_EXACT],
  expires: ["expires", MAX_INT64],
  noWait: ["no_wait", "flag"],
  maxBytes: ["max_bytes", MAX_EXACT],
  idleHeartbeat: ["idle_heartbeat", MAX_INT64],
  group: ["group", "text"],
  minPending: ["min_pending", MAX_INT64],
  minAckPending: ["min_ack_pending", MAX_INT64],
  id: ["id", "text"],
  priority: ["priority", MAX_PRIORITY],
};

/** A request for messages of a consumer, published to `CONSUMER.MSG.NEXT` of the API. */
export interface PullRequest {
  /** How many messages to send at most: 1 by default. */
  readonly batch: number;
  /** How long the server waits for messages, in nanoseconds; `undefined` without a limit. */
  readonly expires?: bigint | undefined;
  /** Whether the server answers 404 if there are no messages, and does not wait. */
  readonly noWait: boolean;
  /** How many bytes to send at most, of subjects, replies, headers and payloads; `undefined` without a limit. */
  readonly maxBytes?: number | undefined;
  /** After how many nanoseconds without a message the server sends a heartbeat: at most half of `expires`. */
  readonly idleHeartbeat?: bigint | undefined;
  /** The priority group, for consumers that have some. */
  readonly group?: string | undefined;
  /** Sends messages only if at least this many are pending; needs a group with the policy `overflow`. */
  readonly minPending?: bigint | undefined;
  /** Sends messages only if at least this many wait for an ack; needs a group with the policy `overflow`. */
  readonly minAckPending?: bigint | undefined;
  /** The pin id, as `Nats-Pin-Id` told it, of a group with the policy `pinned_client`. */
  readonly id?: string | undefined;
  /** From 0, which is first and the default, to 9; needs a group with the policy `prioritized`. */
  readonly priority?: number | undefined;
}

/** A pull request to write. Without `batch` it requests one message. */
export type PullOptions = Partial<PullRequest>;

/**
 * Returns the payload of a pull request: JSON, or nothing for one message without options.
 *
 * @throws UsageError BAD_NUMBER if a number has the wrong type, is out of range, or the heartbeat is longer than half of `expires`;
 * BAD_FIELD if another field has the wrong type, or is unknown
 *
 * @example
 * ```ts
 * import { apiSubject, pullRequest } from "@natswire/codec/jetstream";
 *
 * const subject = apiSubject({ api: "CONSUMER.MSG.NEXT", stream: "orders", consumer: "desk" });
 * console.log(subject); // $JS.API.CONSUMER.MSG.NEXT.orders.desk
 * const payload = pullRequest({ batch: 10, expires: 5_000_000_000n });
 * console.log(new TextDecoder().decode(payload)); // {"batch":10,"expires":5000000000}
 * ```
 */
export function pullRequest(options: PullOptions = {}): Uint8Array {
  return payloadOf(pullText(options));
}

/** Returns a pull request as text: see `pullRequest`. */
export function pullText(options: PullOptions): string {
  const fields = writeFields("pullRequest()", options, shape);
  if (isHeartbeatTooLong(options)) {
    throw new UsageError("BAD_NUMBER", `idleHeartbeat must be at most half of expires, not ${options.idleHeartbeat}n`);
  }
  return fields && `{${fields}}`;
}

/**
 * Reads a pull request: nothing, a number, or JSON.
 *
 * As for a server, any other text requests one message, and so does a batch of 0. Returns `undefined` for what a server answers
 * with status 400, and for a number that is negative or above 2^53 - 1: JSON that is malformed, a heartbeat longer than half of
 * `expires`, a priority above 9.
 */
export function parsePull(payload: Uint8Array): PullRequest | undefined {
  const text = decodeText(payload, 0, payload.length).trim();
  if (!text.startsWith("{")) {
    const batch = /^[+-]?\d+$/.test(text) ? Number(text) : 1;
    return Number.isSafeInteger(batch) && batch >= 0 ? { batch: batch || 1, noWait: false } : undefined;
  }
  return readJson(payloadOf(text), (object) => {
    const pull = object.read<PullRequest>(shape);
    return isHeartbeatTooLong(pull) ? undefined : { ...pull, batch: pull.batch ?? 1, noWait: pull.noWait ?? false };
  });
}

function isHeartbeatTooLong({ idleHeartbeat = 0n, expires = 0n }: PullOptions): boolean {
  return idleHeartbeat * 2n > expires;
}
