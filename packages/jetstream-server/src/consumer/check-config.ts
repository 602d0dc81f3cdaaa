// SPDX-License-Identifier: Apache-2.0
import { isPattern, isSubject } from "@natswire/codec";
import { isWithin, overlaps } from "@natswire/server";
import { type ApiErrorName, ApiFailure } from "../api/api-failure.ts";
import { hasWildcard } from "../stream/filter.ts";
import type { StreamConfig } from "../stream/stream-config.ts";
import { type ConfigInput, type ConsumerConfig, type DeliverPolicy, filterOf } from "./consumer-config.ts";
import { goDuration } from "./go-duration.ts";

const MAX_DESCRIPTION = 4096;
const MAX_METADATA = 128 * 1024;
const MIN_HEARTBEAT = 100_000_000;
const MIN_MAX_EXPIRES = 1_000_000;

type Stream = Pick<StreamConfig, "subjects" | "retention" | "num_replicas" | "consumer_limits">;

function refuseIf(isWrong: boolean, name: ApiErrorName, values: Readonly<Record<string, string | number>> = {}): void {
  if (isWrong) throw new ApiFailure(name, values);
}

/**
 * Checks a complete configuration by the rules of nats-server, in its order.
 *
 * @throws ApiFailure the first rule that is broken
 */
export function checkConfig(config: ConsumerConfig, stream: Stream): void {
  const { num_replicas: replicas, ack_wait = 0, backoff = [], max_deliver = -1 } = config;
  refuseIf(replicas > stream.num_replicas, "JSConsumerReplicasExceedsStream");
  refuseIf(replicas < 0, "JSReplicasCountCannotBeNegative");
  const isKept = stream.retention === "limits" || replicas === 0 || replicas === stream.num_replicas;
  refuseIf(!isKept, "JSConsumerReplicasShouldMatchStream");
  refuseIf(
    backoff.some((wait) => wait < 0),
    "JSConsumerBackOffNegative",
  );
  refuseIf(ack_wait < 0, "JSConsumerAckWaitNegative");
  refuseIf(backoff.length > 0 && max_deliver !== -1 && backoff.length > max_deliver, "JSConsumerMaxDeliverBackoff");
  refuseIf((config.description?.length ?? 0) > MAX_DESCRIPTION, "JSConsumerDescriptionTooLong", {
    max: MAX_DESCRIPTION,
  });
  if (config.deliver_subject === undefined) checkPull(config, stream);
  else checkPush(config, config.deliver_subject, stream);
  const { max_ack_pending: maxAckPending = 0, inactive_threshold: threshold = 0 } = stream.consumer_limits;
  refuseIf(maxAckPending > 0 && (config.max_ack_pending ?? 0) > maxAckPending, "JSConsumerMaxPendingAckExcess", {
    limit: maxAckPending,
  });
  refuseIf(threshold > 0 && (config.inactive_threshold ?? 0) > threshold, "JSConsumerInactiveThresholdExcess", {
    limit: goDuration(threshold),
  });
  if (config.direct === true) {
    refuseIf(config.deliver_subject === undefined, "JSConsumerDirectRequiresPush");
    refuseIf(config.durable_name !== undefined, "JSConsumerDirectRequiresEphemeral");
  }
  checkFilters(config);
  checkStart(config);
  refuseIf(
    config.flow_control === true && config.idle_heartbeat === undefined,
    "JSConsumerWithFlowControlNeedsHeartbeats",
  );
  const { durable_name: durable = config.name, name = durable } = config;
  refuseIf(durable !== name, "JSConsumerCreateDurableAndNameMismatch");
  const metadata = Object.entries(config.metadata ?? {}).reduce(
    (sum, [key, value]) => sum + key.length + value.length,
    0,
  );
  refuseIf(metadata > MAX_METADATA, "JSConsumerMetadataLength", { limit: "128KB" });
}

/**
 * Refuses what the embedded server does not do: samples of acks, rate limits and priority groups.
 *
 * @throws ApiFailure if one is requested
 */
export function refuseUnsupported(input: ConfigInput): void {
  const sample = input.sample_freq ?? "";
  refuseIf(sample !== "" && !/^\+?\d+%?$/.test(sample), "JSConsumerInvalidSampling", {
    err: `strconv.Atoi: parsing ${JSON.stringify(sample.replace(/%$/, ""))}: invalid syntax`,
  });
  // Accepted and ignored, they would not do what the client relies on.
  for (const field of ["priority_groups", "priority_policy", "priority_timeout", "sample_freq"] as const) {
    refuseField(field, String(input[field] ?? "none").replace(/^(none|0)$/, "") !== "");
  }
  refuseField("rate_limit_bps", Boolean(input.deliver_subject && input.rate_limit_bps));
}

function refuseField(field: string, isGiven: boolean): void {
  refuseIf(isGiven, "JSInvalidJSON", { err: `json: unknown field "${field}"` });
}

function checkPush(config: ConsumerConfig, subject: string, { subjects = [] }: Stream): void {
  refuseIf(hasWildcard(subject), "JSConsumerDeliverToWildcards");
  refuseIf(!isSubject(subject), "JSConsumerInvalidDeliverSubject");
  refuseIf(
    subjects.some((wider) => isWithin(subject, wider)),
    "JSConsumerDeliverCycle",
  );
  refuseIf(config.max_waiting !== undefined, "JSConsumerPushMaxWaiting");
  refuseIf((config.max_ack_pending ?? 0) > 0 && config.ack_policy === "none", "JSConsumerMaxPendingAckPolicyRequired");
  const heartbeat = config.idle_heartbeat ?? 0;
  refuseIf(heartbeat > 0 && heartbeat < MIN_HEARTBEAT, "JSConsumerSmallHeartbeat");
}

function checkPull(config: ConsumerConfig, { retention }: Stream): void {
  refuseIf(config.ack_policy === "none" && retention === "workqueue", "JSConsumerPullRequiresAck");
  refuseIf(config.rate_limit_bps !== undefined, "JSConsumerPullWithRateLimit");
  refuseIf((config.max_waiting ?? 0) < 0, "JSConsumerMaxWaitingNegative");
  refuseIf((config.idle_heartbeat ?? 0) > 0, "JSConsumerHBRequiresPush");
  refuseIf(config.flow_control === true, "JSConsumerFCRequiresPush");
  refuseIf((config.max_batch ?? 0) < 0, "JSConsumerMaxRequestBatchNegative");
  refuseIf((config.max_expires ?? MIN_MAX_EXPIRES) < MIN_MAX_EXPIRES, "JSConsumerMaxRequestExpiresTooSmall");
}

function checkFilters(config: ConsumerConfig): void {
  const { filter_subject: one, filter_subjects: many = [] } = config;
  refuseIf(one !== undefined && many.length > 0, "JSConsumerDuplicateFilterSubjects");
  refuseIf(many.includes(""), "JSConsumerEmptyFilter");
  const filter = filterOf(config);
  refuseIf(!filter.every(isPattern), "JSStreamInvalidConfig", { err: "invalid subject" });
  const overlap = filter.some((pattern, i) => filter.some((other, k) => k < i && overlaps(pattern, other)));
  refuseIf(overlap, "JSConsumerOverlappingSubjectFilters");
}

/** How errors name each policy, and what it needs. */
const starts: Readonly<Record<DeliverPolicy, readonly [text: string, needs?: "sequence" | "time"]>> = {
  all: ["all"],
  last: ["last"],
  last_per_subject: ["last per subject"],
  new: ["new"],
  by_start_sequence: ["by start sequence", "sequence"],
  by_start_time: ["by start time", "time"],
};

function checkStart(config: ConsumerConfig): void {
  const [text, needs] = starts[config.deliver_policy];
  const refusal = (isWrong: boolean, rest: string): void =>
    refuseIf(isWrong, "JSConsumerInvalidPolicy", {
      err: `consumer delivery policy is deliver ${text}, but optional ${rest}`,
    });
  const hasSequence = config.opt_start_seq !== undefined;
  const hasTime = config.opt_start_time !== undefined;
  if (needs !== undefined) refusal(needs === "sequence" ? !hasSequence : !hasTime, `start ${needs} is not set`);
  const sequence = needs === "time" ? "start start sequence" : "start sequence";
  if (needs !== "sequence") refusal(hasSequence, `${sequence} is also set`);
  if (needs !== "time") refusal(hasTime, "start time is also set");
  const isFiltered = config.deliver_policy !== "last_per_subject" || filterOf(config).length > 0;
  refusal(!isFiltered, "filter subject is not set");
}

/** What an update must not change, and what it says then, in nats-server's order. */
const fixed: readonly (readonly [field: keyof ConsumerConfig, text: string])[] = [
  ["deliver_policy", "deliver policy"],
  ["opt_start_seq", "start sequence"],
  ["opt_start_time", "start time"],
  ["ack_policy", "ack policy"],
  ["replay_policy", "replay policy"],
  ["idle_heartbeat", "heart beats"],
  ["flow_control", "flow control"],
];

/**
 * Checks that a consumer may get a new configuration.
 *
 * @param isBound whether somebody is subscribed to the present deliver subject
 * @throws ApiFailure JSConsumerCreate with what can not be updated, or another error
 */
export function checkUpdate(from: ConsumerConfig, to: ConsumerConfig, isBound: () => boolean): void {
  const refusal = (isWrong: boolean, err: string): void => refuseIf(isWrong, "JSConsumerCreate", { err });
  for (const [field, text] of fixed) refusal(from[field] !== to[field], `${text} can not be updated`);
  if (from.deliver_subject !== to.deliver_subject) {
    refusal(from.deliver_subject === undefined, "can not update pull consumer to push based");
    refusal(to.deliver_subject === undefined, "can not update push consumer to pull based");
    refuseIf(isBound(), "JSConsumerNameExist");
  }
  refusal(from.max_waiting !== to.max_waiting, "max waiting can not be updated");
}
