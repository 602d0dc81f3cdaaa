// SPDX-License-Identifier: Apache-2.0
import { refuseUnsupported } from "../consumer/check-config.ts";
import {
  type ConsumerConfig,
  type ConsumerRequest,
  consumerShape,
  textOf,
  withDefaults,
} from "../consumer/consumer-config.ts";
import { createOrUpdate } from "../consumer/create.ts";
import type { StreamConsumer } from "../consumer/stream-consumer.ts";
import { readTime } from "../time.ts";
import { type ApiErrorName, ApiFailure } from "./api-failure.ts";
import { isEmptyRequest, looksLikeJson, readRequest } from "./json-request.ts";
import { shownMetadata, staticMetadata } from "./metadata.ts";
import type { ApiRequest, Handle, Handlers } from "./request.ts";
import { streamOf } from "./stream-of.ts";

const MAX_NAMES = 1024;
const MAX_LIST = 256;
const NANOS = 1_000_000;
const NO_LIST = { total: 0, offset: 0, limit: 0, consumers: [] };
const NO_TIME = "0001-01-01T00:00:00Z";

function consumerOf(request: ApiRequest): StreamConsumer {
  const consumer = streamOf(request).consumers.get(request.names.consumer ?? "");
  if (consumer === undefined) throw new ApiFailure("JSConsumerNotFound");
  return consumer;
}

/** The consumers of a stream that clients see, by name. */
function listOf(request: ApiRequest): { readonly consumers: StreamConsumer[]; readonly offset: number } {
  const { offset = 0 } = looksLikeJson(request.payload)
    ? readRequest<{ offset: number }>(request.payload, { offset: "int" }, "JSApiConsumersRequest")
    : {};
  const consumers = [...streamOf(request).consumers.values()].filter(({ config }) => config.direct !== true);
  consumers.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { consumers, offset: Math.min(Math.max(0, offset), consumers.length) };
}

function refuseFields({ payload }: ApiRequest): void {
  if (!isEmptyRequest(payload)) throw new ApiFailure("JSNotEmptyRequest");
}

/** Returns the fields of an answer about a consumer. */
function shown(consumer: StreamConsumer): object {
  const info = consumer.info();
  return { ...info, config: { ...info.config, metadata: shownMetadata(info.config.metadata) } };
}

/** Returns the request to create a consumer. What its subject names must be what its configuration says. */
function readCreate(request: ApiRequest): ConsumerRequest {
  const { api, stream, consumer = "", subject = "" } = request.names;
  const read = readRequest<ConsumerRequest>(request.payload, consumerShape, "CreateConsumerRequest");
  const { stream_name = "", config = {}, action = "", pedantic = false } = read;
  if (!["", "create", "update"].includes(action)) {
    throw new ApiFailure("JSInvalidJSON", { err: `unknown consumer action: ${JSON.stringify(action)}` });
  }
  const fail = (isWrong: boolean, name: ApiErrorName): void => {
    if (isWrong) throw new ApiFailure(name);
  };
  fail(stream_name !== stream, "JSStreamMismatch");
  fail(/[\\/]/.test(consumer), "JSConsumerNameContainsPathSeparators");
  const { durable_name: durable = "", filter_subject: filter = "", filter_subjects: filters = [] } = config;
  if (api === "CONSUMER.DURABLE.CREATE") fail(durable === "", "JSConsumerDurableNameNotSet");
  if (consumer === "") fail(durable !== "", "JSConsumerEphemeralWithDurableName");
  else fail(durable !== "" && durable !== consumer, "JSConsumerDurableNameNotMatchSubject");
  fail(subject !== "" && filters.length > 0, "JSConsumerMultipleFiltersNotAllowed");
  fail(subject !== "" && subject !== filter, "JSConsumerCreateFilterSubjectMismatch");
  fail((config.num_replicas ?? 0) > 1, "JSStreamReplicasNotSupported");
  const name = api === "CONSUMER.CREATE" && consumer !== "" ? consumer : (config.name ?? "");
  return { stream_name, config: { ...config, name }, action, pedantic };
}

const create: Handle = (request) => {
  const { config, action, pedantic } = readCreate(request);
  const stream = streamOf(request);
  refuseUnsupported(config);
  const existing = stream.consumers.get(config.durable_name || config.name || "");
  const complete = withDefaults(config, stream.config, pedantic);
  // A pause is changed by CONSUMER.PAUSE only.
  const pause_until = existing === undefined ? complete.pause_until : existing.config.pause_until;
  const metadata = staticMetadata(complete.metadata, levelOf(pause_until));
  const consumer = createOrUpdate(stream, { ...complete, metadata, pause_until }, action);
  if (existing === undefined) consumer.announce();
  return shown(consumer);
};

/** Returns the level of the API that a configuration needs. */
function levelOf(pauseUntil: string | undefined): number {
  return pauseUntil === undefined ? 0 : 1;
}

const pause: Handle = (request) => {
  const { pause_until: time } = looksLikeJson(request.payload)
    ? readRequest<{ pause_until: number }>(request.payload, { pause_until: "time" }, "JSApiConsumerPauseRequest")
    : {};
  const consumer = consumerOf(request);
  const pause_until = textOf(time);
  const config: ConsumerConfig = {
    ...consumer.config,
    metadata: staticMetadata(consumer.config.metadata, levelOf(pause_until)),
    pause_until,
  };
  consumer.update(config);
  const left = (readTime(pause_until ?? "") ?? 0) - request.account.engine.host.wall;
  const isPaused = left > 0;
  return {
    paused: isPaused,
    pause_until: pause_until ?? NO_TIME,
    pause_remaining: isPaused ? Math.round(left * NANOS) : undefined,
  };
};

/** The API of consumers. */
export const consumerApi: Handlers = {
  "CONSUMER.CREATE": ["consumer_create", create],
  "CONSUMER.DURABLE.CREATE": ["consumer_create", create],
  "CONSUMER.PAUSE": ["consumer_pause", pause, { paused: false, pause_until: NO_TIME }],
  "CONSUMER.INFO": [
    "consumer_info",
    (request) => {
      refuseFields(request);
      return shown(consumerOf(request));
    },
  ],
  "CONSUMER.DELETE": [
    "consumer_delete",
    (request) => {
      refuseFields(request);
      consumerOf(request).delete();
      return { success: true };
    },
  ],
  "CONSUMER.NAMES": [
    "consumer_names",
    (request) => {
      const { consumers, offset } = listOf(request);
      const names = consumers.slice(offset, offset + MAX_NAMES).map(({ name }) => name);
      return { total: consumers.length, offset, limit: MAX_NAMES, consumers: names };
    },
    NO_LIST,
  ],
  "CONSUMER.LIST": [
    "consumer_list",
    (request) => {
      const { consumers, offset } = listOf(request);
      const list = consumers.slice(offset, offset + MAX_LIST).map((consumer) => consumer.info());
      return { total: consumers.length, offset, limit: MAX_LIST, consumers: list };
    },
    NO_LIST,
  ],
};
