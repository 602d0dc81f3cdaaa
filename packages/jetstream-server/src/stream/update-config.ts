// SPDX-License-Identifier: Apache-2.0
import { ApiFailure } from "../api/api-failure.ts";
import type { Shape } from "../api/json-request.ts";
import { sourceKey } from "./check-sources.ts";
import { invalidConfig } from "./config-rules.ts";
import type { Stream } from "./stream.ts";
import type { StreamConfig } from "./stream-config.ts";

/** Fields of later releases. A stream that asks for one is refused. */
export const unsupportedFields: Shape = {
  allow_msg_counter: "flag",
  allow_atomic: "flag",
  allow_batched: "flag",
  allow_msg_schedules: "flag",
  persist_mode: "text",
};

/**
 * Checks whether a stream can change to a configuration, which is valid by itself.
 *
 * @throws ApiFailure
 */
export function checkUpdate({ config: old, consumers }: Stream, config: StreamConfig): StreamConfig {
  const cannot = (what: string): ApiFailure => invalidConfig(`stream configuration update can not ${what}`);
  if (config.max_consumers !== old.max_consumers) throw cannot("change MaxConsumers");
  if (config.storage !== old.storage) throw cannot("change storage type");
  const [from, to] = [old.retention, config.retention];
  if (from !== to && (from === "workqueue" || to === "workqueue")) {
    throw cannot("change retention policy to/from workqueue");
  }
  if (!config.sealed && old.sealed) throw cannot("unseal a sealed stream");
  if (!config.deny_delete && old.deny_delete) throw cannot("cancel deny message deletes");
  if (!config.deny_purge && old.deny_purge) throw cannot("cancel deny purge");
  if (mirrorText(config) !== mirrorText(old)) throw new ApiFailure("JSStreamMirrorNotUpdatable");
  if (old.allow_msg_ttl && !config.allow_msg_ttl) throw invalidConfig("message TTL status can not be disabled");
  if (JSON.stringify(config.consumer_limits) !== JSON.stringify(old.consumer_limits)) {
    const { inactive_threshold: threshold = 0, max_ack_pending: pending = 0 } = config.consumer_limits;
    const violating = [...consumers.values()].filter(
      (one) => (one.config.inactive_threshold ?? 0) > threshold || (one.config.max_ack_pending ?? 0) > pending,
    );
    const err = `change to limits violates consumers: ${violating.map(({ name }) => name).join(", ")}`;
    if (violating.length > 0) throw new ApiFailure("JSStreamUpdate", { err });
  }
  if (!config.sealed) return config;
  return { ...config, max_age: 0, discard: "new", deny_delete: true, deny_purge: true, allow_rollup_hdrs: false };
}

function mirrorText({ mirror }: StreamConfig): string {
  return mirror === undefined
    ? ""
    : JSON.stringify([sourceKey(mirror), mirror.opt_start_seq ?? 0, mirror.opt_start_time ?? 0]);
}
