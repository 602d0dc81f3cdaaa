// SPDX-License-Identifier: Apache-2.0
import { isPattern } from "@natswire/codec";
import { isWithin, overlaps } from "@natswire/server";
import { ApiFailure } from "../api/api-failure.ts";
import { checkTransform, invalidConfig, isName, type Lookup } from "./config-rules.ts";
import type { SourceConfig, StreamConfig } from "./stream-config.ts";

/**
 * Checks the mirror of a configuration. Whether it serves direct gets is inherited from its origin.
 *
 * @throws ApiFailure
 */
export function checkMirror(config: StreamConfig, lookup: Lookup, pedantic: boolean): StreamConfig {
  const mirror = config.mirror!;
  const transforms = mirror.subject_transforms ?? [];
  if ((config.first_seq ?? 0) > 0) throw new ApiFailure("JSMirrorWithFirstSeq");
  if ((config.subjects ?? []).length > 0) throw new ApiFailure("JSMirrorWithSubjects");
  if ((config.sources ?? []).length > 0) throw new ApiFailure("JSMirrorWithSources");
  if (hasFilter(mirror) && transforms.length > 0) throw new ApiFailure("JSMirrorMultipleFiltersNotAllowed");
  if ((config.subject_delete_marker_ttl ?? 0) > 0) throw invalidConfig("subject delete markers forbidden on mirrors");
  for (const [i, { src = "" }] of transforms.entries()) {
    checkTransform(transforms[i]!, "JSMirrorInvalidSubjectFilter", "JSMirrorInvalidTransformDestination");
    if (transforms.some((other, j) => i !== j && overlaps(src || ">", other.src || ">"))) {
      throw new ApiFailure("JSMirrorOverlappingSubjectFilters");
    }
  }
  checkExternal(mirror);
  if (!isName(mirror.name)) throw new ApiFailure("JSMirrorInvalidStreamName");
  const origin = lookup(mirror.name);
  if (isSmaller(config, origin)) throw new ApiFailure("JSMirrorMaxMessageSizeTooBig");
  if (hasFilter(mirror) && !isPattern(mirror.filter_subject!)) {
    throw new ApiFailure("JSStreamCreate", {
      err: `subject filter '${mirror.filter_subject}' for the mirror invalid subject`,
    });
  }
  if (origin === undefined) return config;
  if (pedantic && config.mirror_direct !== origin.allow_direct) {
    throw new ApiFailure("JSPedantic", { err: "origin stream has direct get set, mirror has it disabled" });
  }
  return { ...config, mirror_direct: origin.allow_direct };
}

/** Checks the sources of a configuration. @throws ApiFailure */
export function checkSources(config: StreamConfig, lookup: Lookup): void {
  const seen = new Set<string>();
  for (const source of config.sources ?? []) {
    const transforms = source.subject_transforms ?? [];
    if (!isName(source.name)) throw new ApiFailure("JSSourceInvalidStreamName");
    const key = sourceKey(source);
    if (seen.has(key)) throw new ApiFailure("JSSourceDuplicateDetected");
    seen.add(key);
    checkExternal(source);
    if (isSmaller(config, lookup(source.name))) throw new ApiFailure("JSSourceMaxMessageSizeTooBig");
    if (hasFilter(source) && transforms.length > 0) throw new ApiFailure("JSSourceMultipleFiltersNotAllowed");
    for (const transform of transforms) {
      checkTransform(transform, "JSSourceInvalidSubjectFilter", "JSSourceInvalidTransformDestination");
    }
    const isCovered = transforms.some(({ src = "" }, i) =>
      transforms.some((other, j) => i !== j && isWithin(src || ">", other.src || ">")),
    );
    if (isCovered) throw new ApiFailure("JSSourceOverlappingSubjectFilters");
    if (hasFilter(source) && !isPattern(source.filter_subject!)) {
      const err = `subject filter '${source.filter_subject}' for the source: invalid subject`;
      throw new ApiFailure("JSStreamCreate", { err });
    }
  }
}

/** Identifies a source in a configuration, as the header of its messages does: name, filters and destinations. */
export function sourceKey({ name, filter_subject: filter, subject_transforms: transforms = [] }: SourceConfig): string {
  const parts = transforms.length === 0 ? [{ src: filter ?? "", dest: "" }] : transforms;
  const join = (texts: readonly (string | undefined)[]): string => texts.map((text) => text || ">").join("\f");
  return `${name} ${join(parts.map(({ src }) => src))} ${join(parts.map(({ dest }) => dest))}`;
}

/** Returns whether a stream would copy from itself, directly or through others. */
export function hasCycle(config: StreamConfig, lookup: Lookup): boolean {
  const visited = new Set<string>();
  const queue: StreamConfig[] = [config];
  for (let stream = queue.shift(); stream !== undefined; stream = queue.shift()) {
    visited.add(stream.name);
    const { sources = [], mirror, subjects = [] } = stream;
    for (const origin of mirror === undefined ? sources : [...sources, mirror]) {
      const filter = origin === mirror ? undefined : origin.filter_subject;
      if (visited.has(origin.name)) {
        if (!filter || subjects.some((subject) => overlaps(subject, filter))) return true;
      } else {
        const next = lookup(origin.name);
        if (next !== undefined) queue.push(next);
      }
    }
  }
  return false;
}

function hasFilter({ filter_subject: filter = "" }: SourceConfig): boolean {
  return filter !== "";
}

/** Other accounts and domains are out of reach: an error says so, rather than a copy that never receives anything. */
function checkExternal({ external }: SourceConfig): void {
  if (external !== undefined) throw invalidConfig("external streams are not supported by this server");
}

function isSmaller(config: StreamConfig, origin: StreamConfig | undefined): boolean {
  return origin !== undefined && config.max_msg_size > 0 && origin.max_msg_size > config.max_msg_size;
}
