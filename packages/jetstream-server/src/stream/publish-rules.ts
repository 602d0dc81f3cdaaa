// SPDX-License-Identifier: Apache-2.0
import { ApiFailure } from "../api/api-failure.ts";
import { readTtl } from "./message-ttl.ts";
import type { StreamConfig } from "./stream-config.ts";

/** What the headers of a message ask a stream to do. */
export interface PublishOptions {
  readonly msgId: string;
  readonly rollup: "sub" | "all" | undefined;
  /** Seconds; see `readTtl`. `undefined` if they are malformed: the message is refused if somebody needs it. */
  readonly ttl: number | undefined;
}

/** The state of a stream that the headers of a message may refer to. */
export interface PublishState {
  readonly config: StreamConfig;
  /** The last sequence. */
  readonly last: number;
  readonly lastMsgId: string;
  /** Returns the sequence of the last message of a subject, which may have wildcards; 0 without one. */
  lastOf(subject: string): number;
}

/** Features of later releases: a message that asks for one is refused, as those refuse it if the stream does not allow it. */
const unsupported = [
  ["Nats-Incr", "JSMessageIncrDisabled"],
  ["Nats-Batch-Id", "JSAtomicPublishDisabled"],
  ["Nats-Schedule", "JSMessageSchedulesDisabled"],
] as const;

/** Checks what can be checked before duplicates are looked up. @throws ApiFailure */
export function checkAddress(
  headers: ReadonlyMap<string, string>,
  { name, allow_msg_ttl: allowsTtl }: StreamConfig,
): void {
  for (const [header, failure] of unsupported) if (headers.has(header)) throw new ApiFailure(failure);
  const expected = headers.get("Nats-Expected-Stream");
  if (expected && expected !== name) throw new ApiFailure("JSStreamNotMatch");
  if (!allowsTtl && (readTtl(headers.get("Nats-TTL")) ?? 0) !== 0) throw new ApiFailure("JSMessageTTLDisabled");
}

/**
 * Checks what a message expects of the stream, in the order of nats-server.
 *
 * @throws ApiFailure
 */
export function checkExpectations(
  headers: ReadonlyMap<string, string>,
  subject: string,
  state: PublishState,
): PublishOptions {
  const bySubject = headers.get("Nats-Expected-Last-Subject-Sequence");
  if (bySubject) {
    const last = state.lastOf(headers.get("Nats-Expected-Last-Subject-Sequence-Subject") || subject);
    if (readSequence(bySubject) !== last) throw new ApiFailure("JSStreamWrongLastSequence", { seq: last });
  }
  const sequence = headers.get("Nats-Expected-Last-Sequence");
  if (sequence && readSequence(sequence) !== state.last) {
    throw new ApiFailure("JSStreamWrongLastSequence", { seq: state.last });
  }
  const id = headers.get("Nats-Expected-Last-Msg-Id");
  if (id && id !== state.lastMsgId) throw new ApiFailure("JSStreamWrongLastMsgID", { id: state.lastMsgId });
  return {
    msgId: headers.get("Nats-Msg-Id") ?? "",
    rollup: rollupOf(headers, state.config),
    ttl: readTtl(headers.get("Nats-TTL")),
  };
}

function rollupOf(headers: ReadonlyMap<string, string>, config: StreamConfig): "sub" | "all" | undefined {
  const given = headers.get("Nats-Rollup")?.toLowerCase();
  if (!given) return undefined;
  const fail = (err: string): never => {
    throw new ApiFailure("JSStreamRollupFailed", { err });
  };
  if (!config.allow_rollup_hdrs || config.deny_purge) return fail("rollup not permitted");
  if (given === "sub" || given === "all") return given;
  return fail(`rollup value invalid: ${JSON.stringify(given)}`);
}

/** Reads a sequence; NaN, which equals none, if it is malformed. */
function readSequence(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
