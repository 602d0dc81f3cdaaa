// SPDX-License-Identifier: Apache-2.0
import { isPattern } from "@natswire/codec";
import { isWithin, overlaps } from "@natswire/server";
import { ApiFailure } from "../api/api-failure.ts";
import { utf8Length } from "../bytes.ts";
import { checkMirror, checkSources, hasCycle } from "./check-sources.ts";
import { checkTransform, invalidConfig, isName, type Lookup } from "./config-rules.ts";
import type { StreamConfig, StreamRequest } from "./stream-config.ts";
import { subjectTransform, TransformError } from "./subject-transform.ts";

const SECOND = 1_000_000_000;
const SHORTEST = 100_000_000;
const MAX_NAME = 255;
const MAX_DESCRIPTION = 4096;
const MAX_METADATA = 131_072;
const MAX_REPLICAS = 5;

/**
 * Checks a request to create or update a stream, in the order of nats-server, and adds the defaults.
 *
 * @throws ApiFailure
 */
export function checkStream(request: StreamRequest, lookup: Lookup): StreamConfig {
  const { pedantic = false, ...given } = request;
  if (!isName(given.name)) throw invalidConfig("stream name is required and can not contain '.', '*', '>'");
  checkTexts(given.name, given);
  const config = withDefaults({ ...given, name: given.name });
  checkLimits(config, pedantic);
  const ttls = withMarkers(config, pedantic);
  const mirrored = ttls.mirror === undefined ? ttls : checkMirror(ttls, lookup, pedantic);
  checkSources(mirrored, lookup);
  if (hasCycle(mirrored, lookup)) throw invalidConfig("detected cycle");
  const isCopy = mirrored.mirror !== undefined || (mirrored.sources?.length ?? 0) > 0;
  const { subjects = [] } = mirrored;
  const checked = subjects.length === 0 && !isCopy ? { ...mirrored, subjects: [mirrored.name] } : mirrored;
  checkSubjects(checked);
  return compact(withRepublish(checked, pedantic));
}

function checkTexts(name: string, { description = "", metadata = {} }: StreamRequest): void {
  if (utf8Length(name) > MAX_NAME) throw invalidConfig(`stream name is too long, maximum allowed is ${MAX_NAME}`);
  if (utf8Length(description) > MAX_DESCRIPTION) {
    throw invalidConfig(`stream description is too long, maximum allowed is ${MAX_DESCRIPTION}`);
  }
  const bytes = Object.entries(metadata).reduce((sum, [key, value]) => sum + utf8Length(key) + utf8Length(value), 0);
  if (bytes > MAX_METADATA) throw invalidConfig(`stream metadata exceeds maximum size of ${MAX_METADATA} bytes`);
}

function withDefaults(given: StreamRequest & { readonly name: string }): StreamConfig {
  const limit = (value: number | undefined): number => value || -1;
  const maxAge = given.max_age ?? 0;
  const window = given.duplicate_window || (given.mirror === undefined ? 120 * SECOND : 0);
  const isDefault = (given.duplicate_window ?? 0) === 0;
  return {
    ...given,
    retention: given.retention ?? "limits",
    max_consumers: limit(given.max_consumers),
    max_msgs: limit(given.max_msgs),
    max_bytes: limit(given.max_bytes),
    max_age: maxAge,
    max_msgs_per_subject: limit(given.max_msgs_per_subject),
    max_msg_size: limit(given.max_msg_size),
    discard: given.discard ?? "old",
    storage: given.storage ?? "file",
    num_replicas: given.num_replicas || 1,
    duplicate_window: isDefault && maxAge !== 0 ? Math.min(window, maxAge) : window,
    compression: given.compression ?? "none",
    allow_direct: given.allow_direct ?? false,
    mirror_direct: given.mirror_direct ?? false,
    sealed: given.sealed ?? false,
    deny_delete: given.deny_delete ?? false,
    deny_purge: given.deny_purge ?? false,
    allow_rollup_hdrs: given.allow_rollup_hdrs ?? false,
    consumer_limits: given.consumer_limits ?? {},
    allow_msg_ttl: given.allow_msg_ttl ?? false,
  };
}

function checkLimits(config: StreamConfig, pedantic: boolean): void {
  const { max_age: maxAge, duplicate_window: window = 0, num_replicas: replicas } = config;
  if (replicas > MAX_REPLICAS) throw invalidConfig(`maximum replicas is ${MAX_REPLICAS}`);
  if (replicas < 0) throw new ApiFailure("JSReplicasCountCannotBeNegative");
  if (pedantic && window === maxAge && maxAge > 0 && maxAge < 120 * SECOND) {
    throw new ApiFailure("JSPedantic", { err: "pedantic mode: duplicate window cannot be bigger than max age" });
  }
  if (maxAge > 0 && maxAge < SHORTEST) throw invalidConfig("max age needs to be >= 100ms");
  if (window < 0) throw invalidConfig("duplicates window can not be negative");
  if (maxAge !== 0 && window > maxAge) throw invalidConfig("duplicates window can not be larger then max age");
  if (window > 0 && window < SHORTEST) throw invalidConfig("duplicates window needs to be >= 100ms");
  if (config.deny_purge && config.allow_rollup_hdrs) throw invalidConfig("roll-ups require the purge permission");
  if (config.discard_new_per_subject === true) {
    if (config.discard !== "new") {
      throw invalidConfig("discard new per subject requires discard new policy to be set");
    }
    if (config.max_msgs_per_subject <= 0) {
      throw invalidConfig("discard new per subject requires max msgs per subject > 0");
    }
  }
}

/** Adds what delete markers need. */
function withMarkers(config: StreamConfig, pedantic: boolean): StreamConfig {
  const ttl = config.subject_delete_marker_ttl ?? 0;
  if (ttl === 0) return config;
  if (ttl < 0) throw invalidConfig("subject delete marker TTL must not be negative");
  if (ttl < SECOND) throw invalidConfig("subject delete marker TTL must be at least 1 second");
  if (pedantic && !config.allow_msg_ttl) {
    throw invalidConfig("subject delete marker cannot be set if message TTLs are disabled");
  }
  if (pedantic && !config.allow_rollup_hdrs) {
    throw invalidConfig("subject delete marker cannot be set if roll-ups are disabled");
  }
  const deny = config.allow_rollup_hdrs && config.deny_purge;
  return { ...config, allow_msg_ttl: true, allow_rollup_hdrs: true, deny_purge: deny };
}

function checkSubjects(config: StreamConfig): void {
  const { subjects = [], no_ack: noAck = false, subject_transform: transform } = config;
  const seen = new Set<string>();
  for (const subject of subjects) {
    if (!isPattern(subject)) throw invalidConfig("invalid subject");
    if (seen.has(subject)) throw invalidConfig("duplicate subjects detected");
    seen.add(subject);
    if (subject === ">" && !noAck) throw invalidConfig("capturing all subjects requires no-ack to be true");
    if (subject === ">" && config.num_replicas !== 1) {
      throw invalidConfig("capturing all subjects requires replicas of 1");
    }
    if (noAck) continue;
    const isApi = ["$JS.>", "$JSC.>", "$NRG.>"].some((reserved) => overlaps(subject, reserved));
    if (isApi && !isWithin(subject, "$JS.EVENT.>")) {
      throw invalidConfig("subjects that overlap with jetstream api require no-ack to be true");
    }
    if (overlaps(subject, "$SYS.>") && !isWithin(subject, "$SYS.ACCOUNT.>")) {
      throw invalidConfig("subjects that overlap with system api require no-ack to be true");
    }
  }
  for (const subject of subjects) {
    const other = subjects.find((one) => one !== subject && overlaps(one, subject));
    if (other !== undefined) throw invalidConfig(`subject ${quoted(subject)} overlaps with ${quoted(other)}`);
  }
  if (transform !== undefined) {
    checkTransform(transform, "JSStreamTransformInvalidSource", "JSStreamTransformInvalidDestination");
  }
}

/** Checks where messages are republished to, and adds the default source. */
function withRepublish(config: StreamConfig, pedantic: boolean): StreamConfig {
  const { republish, subjects = [] } = config;
  if (republish === undefined) return config;
  const { src = "", dest = "" } = republish;
  if (src === "" && pedantic) {
    throw new ApiFailure("JSPedantic", { err: "pedantic mode: republish source can not be empty" });
  }
  const transform = { src: src || ">", dest };
  if (subjects.some((subject) => overlaps(dest, subject))) {
    throw invalidConfig("stream configuration for republish destination forms a cycle");
  }
  try {
    subjectTransform(transform);
  } catch (error) {
    if (!(error instanceof TransformError)) throw error;
    const [from, to] = [transform.src, dest];
    throw invalidConfig(`stream configuration for republish with transform from '${from}' to '${to}' not valid`);
  }
  return { ...config, republish: { ...republish, ...transform } };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Returns a configuration without the fields that are not written: those that are empty, zero or false by default. */
function compact(config: StreamConfig): StreamConfig {
  const optional = new Set<keyof StreamConfig>([
    "description",
    "subjects",
    "no_ack",
    "duplicate_window",
    "placement",
    "mirror",
    "sources",
    "first_seq",
    "subject_transform",
    "republish",
    "discard_new_per_subject",
    "subject_delete_marker_ttl",
    "metadata",
  ]);
  const isEmpty = (value: unknown): boolean =>
    !value || (typeof value === "object" && Object.keys(value as object).length === 0);
  const kept = Object.entries(config).filter(
    ([key, value]) => !optional.has(key as keyof StreamConfig) || !isEmpty(value),
  );
  return Object.fromEntries(kept) as unknown as StreamConfig;
}
