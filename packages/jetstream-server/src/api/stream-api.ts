// SPDX-License-Identifier: Apache-2.0
import { overlaps } from "@natswire/server";
import type { JetStreamAccount } from "../account.ts";
import { advise } from "../advisory.ts";
import { checkStream } from "../stream/check-config.ts";
import { invalidConfig } from "../stream/config-rules.ts";
import { Stream } from "../stream/stream.ts";
import { type StreamConfig, type StreamRequest, streamShape } from "../stream/stream-config.ts";
import { streamInfo } from "../stream/stream-info.ts";
import { checkUpdate, unsupportedFields } from "../stream/update-config.ts";
import { ApiFailure } from "./api-failure.ts";
import { isEmptyRequest, looksLikeJson, readRequest } from "./json-request.ts";
import { messageApi } from "./message-api.ts";
import { staticMetadata } from "./metadata.ts";
import type { ApiRequest, Handlers } from "./request.ts";
import { streamOf } from "./stream-of.ts";

const NAMES_LIMIT = 1024;
const LIST_LIMIT = 256;
const SUBJECTS_LIMIT = 100_000;
const noPage = { total: 0, offset: 0, limit: 0 };
const createShape = { ...streamShape, pedantic: "flag" } as const;
const listShape = { offset: "int", subject: "text" } as const;
const infoShape = { offset: "int", deleted_details: "flag", subjects_filter: "text" } as const;

/** The API of streams and their messages. */
export const streamApi: Handlers = {
  ...messageApi,
  "STREAM.CREATE": ["stream_create", create],
  "STREAM.UPDATE": ["stream_update", update],
  "STREAM.DELETE": ["stream_delete", remove],
  "STREAM.INFO": ["stream_info", info, noPage],
  "STREAM.NAMES": ["stream_names", names, { ...noPage, streams: null }],
  "STREAM.LIST": ["stream_list", list, { ...noPage, streams: [] }],
};

function create(request: ApiRequest): object {
  const { account } = request;
  const given = readConfig(request);
  const name = request.names.stream!;
  if (given.name !== name) throw new ApiFailure("JSStreamMismatch");
  if (/[\\/]/.test(name)) throw new ApiFailure("JSStreamNameContainsPathSeparators");
  if (given.sealed === true) throw invalidConfig("stream configuration for create can not be sealed");
  if (given.mirror_direct === true && given.mirror === undefined) {
    throw invalidConfig("stream has no mirror but does have mirror direct");
  }
  const config = withLevel(checkStream(given, (other) => account.streams.get(other)?.config));
  checkReplicas(config);
  const existing = account.streams.get(name);
  if (existing !== undefined) {
    if (!isSame(existing.config, config)) throw new ApiFailure("JSStreamNameExist");
    return { ...streamInfo(existing, true), did_create: true };
  }
  checkOverlap(account, config);
  const stream = new Stream(account, config);
  account.add(stream);
  announce(stream, "CREATED", "create");
  return { ...streamInfo(stream, true), did_create: true };
}

function update(request: ApiRequest): object {
  const { account } = request;
  const given = readConfig(request);
  const checked = checkStream(given, (other) => account.streams.get(other)?.config);
  if (given.name !== request.names.stream) throw new ApiFailure("JSStreamMismatch");
  const stream = streamOf(request);
  const config = withLevel(checkUpdate(stream, checked));
  checkReplicas(config);
  checkOverlap(account, config);
  stream.update(config);
  account.connectCopiers(stream);
  announce(stream, "UPDATED", "modify");
  return streamInfo(stream, true);
}

function remove(request: ApiRequest): object {
  if (!isEmptyRequest(request.payload)) throw new ApiFailure("JSNotEmptyRequest");
  const stream = streamOf(request);
  request.account.remove(stream);
  announce(stream, "DELETED", "delete");
  return { success: true };
}

function info(request: ApiRequest): object {
  const asked = readOptional<{ offset: number; deleted_details: boolean; subjects_filter: string }>(
    request.payload,
    infoShape,
    "JSApiStreamInfoRequest",
  );
  const stream = streamOf(request);
  const { offset = 0, deleted_details: deleted = false, subjects_filter: filter = "" } = asked;
  const found = filter === "" ? [] : [...stream.store.matching([filter])];
  const page =
    found.length === 0 ? { total: 0, offset: 0, limit: 0 } : { total: found.length, offset, limit: SUBJECTS_LIMIT };
  const sorted = found.map(([subject, { length }]) => [subject, length] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = sorted.slice(offset, offset + SUBJECTS_LIMIT);
  const subjects = shown.length === 0 ? undefined : Object.fromEntries(shown);
  const { ts, ...rest } = streamInfo(stream, true, { deleted, subjects }) as { readonly ts: string };
  return { ...page, ...rest, cluster: { leader: request.account.engine.host.serverName }, ts };
}

function names(request: ApiRequest): object {
  const { streams, ...page } = listed(request, NAMES_LIMIT, "JSApiStreamNamesRequest");
  return { ...page, streams: streams.length === 0 ? null : streams.map(({ config }) => config.name) };
}

function list(request: ApiRequest): object {
  const { streams, ...page } = listed(request, LIST_LIMIT, "JSApiStreamListRequest");
  return { ...page, streams: streams.map((stream) => streamInfo(stream, false)) };
}

/** Returns one page of the streams, by name, that overlap a subject. */
function listed(
  { account, payload }: ApiRequest,
  limit: number,
  name: string,
): { readonly total: number; readonly offset: number; readonly limit: number; readonly streams: readonly Stream[] } {
  const asked = readOptional<{ offset: number; subject: string }>(payload, listShape, name);
  const { subject = "" } = asked;
  const all = [...account.streams.values()]
    .filter(({ config }) => subject === "" || config.subjects?.some((one) => overlaps(one, subject)) === true)
    .sort((a, b) => (a.config.name < b.config.name ? -1 : 1));
  const offset = Math.min(Math.max(0, asked.offset ?? 0), all.length);
  return { total: all.length, offset, limit, streams: all.slice(offset, offset + limit) };
}

/** Reads a request that may be empty; one that is not JSON counts as empty. */
function readOptional<T extends object>(
  payload: Uint8Array,
  shape: Parameters<typeof readRequest>[1],
  name: string,
): Partial<T> {
  return looksLikeJson(payload) ? readRequest<T>(payload, shape, name) : {};
}

function readConfig({ payload }: ApiRequest): StreamRequest {
  const name = "StreamConfigRequest.StreamConfig";
  const given = readRequest<StreamRequest & Record<string, unknown>>(
    payload,
    { ...createShape, ...unsupportedFields },
    name,
  );
  for (const field of Object.keys(unsupportedFields)) {
    // Accepted and ignored, it would not do what the client relies on.
    if (given[field]) throw new ApiFailure("JSInvalidJSON", { err: `json: unknown field "${field}"` });
  }
  return given;
}

/** Adds the level of the API that a configuration needs to its metadata. */
function withLevel(config: StreamConfig): StreamConfig {
  const needsTtl = config.allow_msg_ttl || (config.subject_delete_marker_ttl ?? 0) > 0;
  return { ...config, metadata: staticMetadata(config.metadata, needsTtl ? 1 : 0) };
}

function checkReplicas({ num_replicas: replicas }: StreamConfig): void {
  if (replicas > 1) throw new ApiFailure("JSStreamReplicasNotSupported");
}

function checkOverlap(account: JetStreamAccount, { name, subjects = [] }: StreamConfig): void {
  for (const other of account.streams.values()) {
    if (other.config.name === name) continue;
    const isTaken = other.config.subjects?.some((one) => subjects.some((subject) => overlaps(one, subject))) === true;
    if (isTaken) throw new ApiFailure("JSStreamSubjectOverlap");
  }
}

function isSame(a: StreamConfig, b: StreamConfig): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

function announce({ account, config }: Stream, event: string, action: string): void {
  const { name } = config;
  advise(account, `STREAM.${event}.${name}`, "stream_action", { stream: name, action });
}
