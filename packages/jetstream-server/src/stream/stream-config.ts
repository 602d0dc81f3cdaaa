// SPDX-License-Identifier: Apache-2.0
import type { Millis } from "@natswire/server";
import type { Shape } from "../api/json-request.ts";

/** A duration in nanoseconds, as it is written in JSON. */
export type Nanos = number;

/** A change of subjects: those that match `src` become `dest`. An empty `src` matches all; an empty `dest` changes nothing. */
export interface TransformConfig {
  readonly src: string;
  readonly dest: string;
}

/** Another stream that a stream copies from. */
export interface SourceConfig {
  readonly name: string;
  readonly opt_start_seq?: number;
  readonly opt_start_time?: Millis;
  readonly filter_subject?: string;
  readonly subject_transforms?: readonly TransformConfig[];
  readonly external?: object;
}

/** The configuration of a stream, as it is written in JSON, in that order, with its defaults. */
export interface StreamConfig {
  readonly name: string;
  readonly description?: string;
  readonly subjects?: readonly string[];
  readonly retention: "limits" | "interest" | "workqueue";
  readonly max_consumers: number;
  readonly max_msgs: number;
  readonly max_bytes: number;
  readonly max_age: Nanos;
  readonly max_msgs_per_subject: number;
  readonly max_msg_size: number;
  readonly discard: "old" | "new";
  readonly storage: "file" | "memory";
  readonly num_replicas: number;
  readonly no_ack?: boolean;
  readonly duplicate_window?: Nanos;
  readonly placement?: object;
  readonly mirror?: SourceConfig;
  readonly sources?: readonly SourceConfig[];
  readonly compression: "none" | "s2";
  readonly first_seq?: number;
  readonly subject_transform?: TransformConfig;
  readonly republish?: TransformConfig & { readonly headers_only?: boolean };
  readonly allow_direct: boolean;
  readonly mirror_direct: boolean;
  readonly discard_new_per_subject?: boolean;
  readonly sealed: boolean;
  readonly deny_delete: boolean;
  readonly deny_purge: boolean;
  readonly allow_rollup_hdrs: boolean;
  readonly consumer_limits: { readonly inactive_threshold?: Nanos; readonly max_ack_pending?: number };
  readonly allow_msg_ttl: boolean;
  readonly subject_delete_marker_ttl?: Nanos;
  readonly metadata?: Readonly<Record<string, string>>;
}

const transform: Shape = { src: "text", dest: "text" };
const source: Shape = {
  name: "text",
  opt_start_seq: "uint",
  opt_start_time: "time",
  filter_subject: "text",
  subject_transforms: { list: { fields: transform } },
  external: { fields: { api: "text", deliver: "text" } },
};

/** The fields of a configuration in a request to create or update a stream. */
export const streamShape: Shape = {
  name: "text",
  description: "text",
  subjects: { list: "text" },
  retention: ["limits", "interest", "workqueue"],
  max_consumers: "int",
  max_msgs: "int",
  max_bytes: "int",
  max_age: "int",
  max_msgs_per_subject: "int",
  max_msg_size: "int",
  discard: ["old", "new"],
  storage: ["file", "memory"],
  num_replicas: "int",
  no_ack: "flag",
  duplicate_window: "int",
  placement: { fields: { cluster: "text", tags: { list: "text" }, preferred: "text" } },
  mirror: { fields: source },
  sources: { list: { fields: source } },
  compression: ["none", "s2"],
  first_seq: "uint",
  subject_transform: { fields: transform },
  republish: { fields: { ...transform, headers_only: "flag" } },
  allow_direct: "flag",
  mirror_direct: "flag",
  discard_new_per_subject: "flag",
  sealed: "flag",
  deny_delete: "flag",
  deny_purge: "flag",
  allow_rollup_hdrs: "flag",
  consumer_limits: { fields: { inactive_threshold: "int", max_ack_pending: "int" } },
  allow_msg_ttl: "flag",
  subject_delete_marker_ttl: "int",
  metadata: "map",
};

/** What a request to create or update a stream holds. */
export type StreamRequest = Partial<StreamConfig> & { readonly pedantic?: boolean };
