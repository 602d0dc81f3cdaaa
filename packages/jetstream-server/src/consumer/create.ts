// SPDX-License-Identifier: Apache-2.0
import { overlaps, randomText } from "@natswire/server";
import { ApiFailure } from "../api/api-failure.ts";
import type { Stream } from "../stream/stream.ts";
import { checkConfig, checkUpdate } from "./check-config.ts";
import { type ConsumerConfig, type ConsumerRequest, filterOf } from "./consumer-config.ts";
import { StreamConsumer } from "./stream-consumer.ts";

const DEFAULT_INACTIVE_THRESHOLD = 5_000_000_000;
const MAX_NAME = 255;
const NAME_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const NAME_LENGTH = 8;

/**
 * Creates a consumer of a stream, or updates the one that has its name.
 *
 * @param requested with defaults; it is checked here
 * @throws ApiFailure if a rule is broken
 */
export function createOrUpdate(
  stream: Stream,
  requested: ConsumerConfig,
  action: ConsumerRequest["action"],
): StreamConsumer {
  checkConfig(requested, stream.config);
  const name = requested.durable_name ?? requested.name;
  const existing = name === undefined ? undefined : stream.consumers.get(name);
  const config = withThreshold(requested, existing?.config ?? requested);
  if (existing !== undefined) return update(stream, existing, config, action);
  if (action === "update") throw new ApiFailure("JSConsumerDoesNotExist");
  const { max_consumers: limit } = stream.config;
  if (limit > 0 && stream.consumers.size >= limit) throw new ApiFailure("JSMaximumConsumersLimit");
  if (stream.config.retention === "workqueue") checkWorkQueue(stream, config, name);
  checkName(name);
  const consumer = new StreamConsumer(stream, name ?? newName(stream), config);
  stream.addConsumer(consumer);
  return consumer;
}

/** Returns a configuration with the threshold after which an unused consumer is deleted: all have one, except durable ones. */
function withThreshold(config: ConsumerConfig, { durable_name: durable }: ConsumerConfig): ConsumerConfig {
  const { inactive_threshold: threshold = 0 } = config;
  if (durable !== undefined || threshold > 0) return config;
  return { ...config, inactive_threshold: DEFAULT_INACTIVE_THRESHOLD };
}

function update(
  stream: Stream,
  consumer: StreamConsumer,
  config: ConsumerConfig,
  action: ConsumerRequest["action"],
): StreamConsumer {
  const before = consumer.config;
  if (action === "create" && JSON.stringify(config) !== JSON.stringify(before)) {
    throw new ApiFailure("JSConsumerAlreadyExists");
  }
  const isWorkQueue = stream.config.retention === "workqueue";
  if (isWorkQueue && !isUnique(stream, consumer.name, filterOf(config))) {
    throw new ApiFailure("JSConsumerWQConsumerNotUnique");
  }
  const { account } = stream;
  checkUpdate(before, config, () =>
    account.engine.host.hasSubscriber(account.name, before.deliver_subject!, before.deliver_group),
  );
  consumer.update(config);
  return consumer;
}

/** A work queue has one consumer for each subject. */
function checkWorkQueue(stream: Stream, config: ConsumerConfig, name: string | undefined): void {
  if (config.ack_policy !== "explicit") throw new ApiFailure("JSConsumerWQRequiresExplicitAck");
  const filter = filterOf(config);
  if (stream.consumers.size > 0) {
    if (filter.length === 0) throw new ApiFailure("JSConsumerWQMultipleUnfiltered");
    if (!isUnique(stream, name, filter)) throw new ApiFailure("JSConsumerWQConsumerNotUnique");
  }
  if (config.deliver_policy !== "all") throw new ApiFailure("JSConsumerWQConsumerNotDeliverAll");
}

/** Returns whether no other consumer gets a message that a filter covers. */
function isUnique(stream: Stream, name: string | undefined, filter: readonly string[]): boolean {
  for (const other of stream.consumers.values()) {
    if (other.name === name) continue;
    const others = filterOf(other.config);
    if (filter.some((pattern) => others.length === 0 || others.some((one) => overlaps(one, pattern)))) return false;
  }
  return true;
}

function checkName(name: string | undefined): void {
  if (name === undefined) return;
  if (name.length > MAX_NAME) throw new ApiFailure("JSConsumerNameTooLong", { max: MAX_NAME });
  if (/[ \t\r\n\f.*>\\/]/.test(name)) throw new ApiFailure("JSConsumerBadDurableName");
}

function newName(stream: Stream): string {
  for (;;) {
    const name = randomText(stream.account.engine.host.random, NAME_ALPHABET, NAME_LENGTH);
    if (!stream.consumers.has(name)) return name;
  }
}
