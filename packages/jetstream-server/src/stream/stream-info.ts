// SPDX-License-Identifier: Apache-2.0
import { shownMetadata } from "../api/metadata.ts";
import { timeText, zeroTime } from "../time.ts";
import type { Stream } from "./stream.ts";
import type { SourceConfig, StreamConfig } from "./stream-config.ts";

/** What STREAM.INFO may be asked for in addition. */
export interface InfoDetails {
  readonly deleted?: boolean;
  /** The number of messages of each subject. */
  readonly subjects?: Readonly<Record<string, number>> | undefined;
}

/** Returns what answers say about a stream. @param withVersion whether the metadata name the server's version */
export function streamInfo(stream: Stream, withVersion: boolean, details: InfoDetails = {}): object {
  const { config, created, copiers, account } = stream;
  const infos = copiers.map(({ info }) => info);
  return {
    config: configJson(config, withVersion),
    created: timeText(created),
    state: streamState(stream, details),
    ...(config.mirror === undefined ? {} : { mirror: infos[0] }),
    ...(config.sources === undefined ? {} : { sources: infos }),
    ts: timeText(account.engine.host.wall),
  };
}

/** Returns the state of a stream as it is written in JSON. */
export function streamState({ store, consumers, lastTime }: Stream, { deleted, subjects }: InfoDetails = {}): object {
  const { first, last, count, bytes } = store;
  const gaps = count === 0 ? 0 : last - first + 1 - count;
  const firstMessage = count === 0 ? undefined : store.get(first);
  return {
    messages: count,
    bytes,
    first_seq: store.isNew ? 0 : first,
    first_ts: firstMessage === undefined ? zeroTime : timeText(firstMessage.time),
    last_seq: last,
    last_ts: lastTime === undefined ? zeroTime : timeText(lastTime),
    ...(store.subjects.size === 0 ? {} : { num_subjects: store.subjects.size }),
    ...(subjects === undefined ? {} : { subjects }),
    ...(gaps === 0 ? {} : { num_deleted: gaps }),
    ...(gaps > 0 && deleted === true ? { deleted: store.deleted() } : {}),
    consumer_count: consumers.size,
  };
}

/** Returns a configuration as answers write it. */
export function configJson(config: StreamConfig, withVersion: boolean): object {
  const { mirror, sources } = config;
  const json = {
    ...config,
    ...(mirror === undefined ? {} : { mirror: sourceJson(mirror) }),
    ...(sources === undefined ? {} : { sources: sources.map(sourceJson) }),
  };
  if (!withVersion) return json;
  return { ...json, metadata: shownMetadata(config.metadata) };
}

function sourceJson(source: SourceConfig): object {
  const { opt_start_time: time, ...rest } = source;
  return time === undefined ? rest : { ...rest, opt_start_time: timeText(time) };
}
