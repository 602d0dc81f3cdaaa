// SPDX-License-Identifier: Apache-2.0
import { ApiFailure } from "../api/api-failure.ts";
import type { Shape } from "../api/json-request.ts";
import type { Nanos, StreamConfig } from "../stream/stream-config.ts";
import { timeText } from "../time.ts";

/** Where a consumer starts. */
export type DeliverPolicy = "all" | "last" | "new" | "by_start_sequence" | "by_start_time" | "last_per_subject";

/** The configuration of a consumer, as it is written in JSON, in that order, with its defaults. Times are RFC 3339. */
export interface ConsumerConfig {
  readonly durable_name?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly deliver_policy: DeliverPolicy;
  readonly opt_start_seq?: number | undefined;
  readonly opt_start_time?: string | undefined;
  readonly ack_policy: "none" | "all" | "explicit";
  readonly ack_wait?: Nanos | undefined;
  readonly max_deliver?: number | undefined;
  readonly backoff?: readonly Nanos[] | undefined;
  readonly filter_subject?: string | undefined;
  readonly filter_subjects?: readonly string[] | undefined;
  readonly replay_policy: "instant" | "original";
  readonly rate_limit_bps?: number | undefined;
  readonly sample_freq?: string | undefined;
  readonly max_waiting?: number | undefined;
  readonly max_ack_pending?: number | undefined;
  readonly flow_control?: boolean | undefined;
  readonly headers_only?: boolean | undefined;
  readonly max_batch?: number | undefined;
  readonly max_expires?: Nanos | undefined;
  readonly max_bytes?: number | undefined;
  readonly deliver_subject?: string | undefined;
  readonly deliver_group?: string | undefined;
  readonly idle_heartbeat?: Nanos | undefined;
  readonly inactive_threshold?: Nanos | undefined;
  readonly num_replicas: number;
  readonly mem_storage?: boolean | undefined;
  readonly direct?: boolean | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly pause_until?: string | undefined;
}

/** The fields of a configuration in a request to create or update a consumer. */
const configShape = {
  durable_name: "text",
  name: "text",
  description: "text",
  deliver_policy: ["all", "last", "new", "by_start_sequence", "by_start_time", "last_per_subject", "undefined"],
  opt_start_seq: "uint",
  opt_start_time: "time",
  ack_policy: ["none", "all", "explicit"],
  ack_wait: "int",
  max_deliver: "int",
  backoff: { list: "int" },
  filter_subject: "text",
  filter_subjects: { list: "text" },
  replay_policy: ["instant", "original"],
  rate_limit_bps: "uint",
  sample_freq: "text",
  max_waiting: "int",
  max_ack_pending: "int",
  flow_control: "flag",
  headers_only: "flag",
  max_batch: "int",
  max_expires: "int",
  max_bytes: "int",
  deliver_subject: "text",
  deliver_group: "text",
  idle_heartbeat: "int",
  inactive_threshold: "int",
  num_replicas: "int",
  mem_storage: "flag",
  direct: "flag",
  metadata: "map",
  pause_until: "time",
  priority_groups: { list: "text" },
  priority_policy: ["none", "overflow", "pinned_client"],
  priority_timeout: "int",
} as const satisfies Shape;

/** The fields of a request to create or update a consumer. */
export const consumerShape: Shape = {
  stream_name: "text",
  config: { fields: configShape },
  action: "text",
  pedantic: "flag",
};

/** A configuration as a request has it. Times are in milliseconds since 1970. */
export type ConfigInput = Partial<
  Omit<ConsumerConfig, "opt_start_time" | "pause_until"> & {
    readonly opt_start_time: number;
    readonly pause_until: number;
    readonly priority_groups: readonly string[];
    readonly priority_policy: string;
    readonly priority_timeout: Nanos;
  }
>;

/** What a request to create or update a consumer holds. */
export interface ConsumerRequest {
  readonly stream_name: string;
  readonly config: ConfigInput;
  readonly action: "" | "create" | "update";
  readonly pedantic: boolean;
}

const DEFAULT_MAX_WAITING = 512;
const DEFAULT_ACK_WAIT = 30_000_000_000;
const DEFAULT_MAX_ACK_PENDING = 1000;

/**
 * Returns a complete configuration: what a request gives, and defaults for the rest.
 *
 * @throws ApiFailure JSPedantic if the request is pedantic and a default replaces a value
 */
export function withDefaults(
  input: ConfigInput,
  { consumer_limits: limits }: Pick<StreamConfig, "consumer_limits">,
  pedantic: boolean,
): ConsumerConfig {
  const refuse = (isReplaced: boolean, err: string): void => {
    if (pedantic && isReplaced) throw new ApiFailure("JSPedantic", { err });
  };
  const { ack_policy = "none", backoff, deliver_subject } = input;
  const acks = ack_policy !== "none";
  const [first] = backoff ?? [];
  const ackWait = input.ack_wait || (acks ? DEFAULT_ACK_WAIT : 0);
  refuse(first !== undefined && first !== ackWait, "first backoff value has to equal batch AckWait");
  const maxAckPending = input.max_ack_pending || limits.max_ack_pending || 0;
  refuse(
    !input.max_ack_pending && !!limits.max_ack_pending,
    "max_ack_pending must be set if it's configured in stream limits",
  );
  const threshold = input.inactive_threshold || limits.inactive_threshold || 0;
  refuse(
    !input.inactive_threshold && !!limits.inactive_threshold,
    "inactive_threshold must be set if it's configured in stream limits",
  );
  return {
    durable_name: input.durable_name || undefined,
    name: input.name || undefined,
    description: input.description || undefined,
    deliver_policy: input.deliver_policy ?? "all",
    opt_start_seq: input.opt_start_seq || undefined,
    opt_start_time: textOf(input.opt_start_time),
    ack_policy,
    ack_wait: (first ?? ackWait) || undefined,
    max_deliver: input.max_deliver || -1,
    backoff: first === undefined ? undefined : backoff,
    filter_subject: input.filter_subject || undefined,
    filter_subjects: input.filter_subjects?.length ? input.filter_subjects : undefined,
    replay_policy: input.replay_policy ?? "instant",
    rate_limit_bps: input.rate_limit_bps || undefined,
    sample_freq: input.sample_freq || undefined,
    max_waiting: input.max_waiting || (deliver_subject ? undefined : DEFAULT_MAX_WAITING),
    max_ack_pending: maxAckPending || (acks ? DEFAULT_MAX_ACK_PENDING : undefined),
    flow_control: input.flow_control || undefined,
    headers_only: input.headers_only || undefined,
    max_batch: input.max_batch || undefined,
    max_expires: input.max_expires || undefined,
    max_bytes: input.max_bytes || undefined,
    deliver_subject: deliver_subject || undefined,
    deliver_group: input.deliver_group || undefined,
    idle_heartbeat: input.idle_heartbeat || undefined,
    inactive_threshold: threshold || undefined,
    num_replicas: input.num_replicas ?? 0,
    mem_storage: input.mem_storage || undefined,
    direct: input.direct || undefined,
    metadata: input.metadata,
    pause_until: textOf(input.pause_until),
  };
}

/** Returns the patterns that a consumer's messages match; none if all do. */
export function filterOf({ filter_subject, filter_subjects = [] }: ConsumerConfig): readonly string[] {
  return filter_subject === undefined ? filter_subjects : [...filter_subjects, filter_subject];
}

/** Returns a time as it is written in a configuration. The year 1, Go's zero, is no time. */
export function textOf(time: number | undefined): string | undefined {
  return time === undefined || time <= ZERO_TIME ? undefined : timeText(time);
}

// 0001-01-01T00:00:00Z
const ZERO_TIME = -62_135_596_800_000;
