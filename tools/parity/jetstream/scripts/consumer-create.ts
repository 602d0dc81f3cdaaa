// SPDX-License-Identifier: Apache-2.0
import type { Request, Theme } from "../script.ts";
import { api, consumer, consumerInfo, fill, publish, pull, stream } from "../steps.ts";

const create = (config: object, rest: object = {}): Request =>
  api("CONSUMER.CREATE.S", { stream_name: "S", config, ...rest });
const durable = (config: object): Request =>
  api("CONSUMER.DURABLE.CREATE.S.C", {
    stream_name: "S",
    config: { durable_name: "C", ack_policy: "explicit", ...config },
  });
const push = (config: object = {}): Request => consumer({ deliver_subject: "d", ...config });

/** `CONSUMER.CREATE` in its three forms: what it accepts, and its errors. */
export const consumerCreate: Theme = {
  about: "consumer create",
  scripts: {
    "answers with every field that has a default": [stream(), consumer()],
    "answers with the defaults of a push consumer": [stream(), push()],
    "answers with the defaults of the acknowledgement policy none": [stream(), consumer({ ack_policy: "none" })],
    "answers with the defaults of the acknowledgement policy all": [stream(), consumer({ ack_policy: "all" })],
    "generates a name": [stream(), create({ ack_policy: "explicit" }), api("CONSUMER.INFO.S.{1}")],
    "takes a name without being durable": [
      stream(),
      api("CONSUMER.CREATE.S.E", { stream_name: "S", config: { name: "E", ack_policy: "explicit" } }),
    ],
    "takes a durable name in the subject": [stream(), durable({})],
    "takes a filter in the subject": [
      stream(),
      publish("s.a"),
      publish("s.b"),
      api("CONSUMER.CREATE.S.C.s.b", { stream_name: "S", config: { name: "C", filter_subject: "s.b" } }),
    ],
    "refuses a filter that is not that of the subject": [
      stream(),
      api("CONSUMER.CREATE.S.C.s.b", { stream_name: "S", config: { name: "C", filter_subject: "s.a" } }),
      api("CONSUMER.CREATE.S.C.s.b", { stream_name: "S", config: { name: "C" } }),
    ],
    "keeps all fields of a pull consumer": [
      stream(),
      consumer({
        description: "about it",
        deliver_policy: "new",
        ack_wait: 5_000_000_000,
        max_deliver: 4,
        filter_subject: "s.a",
        replay_policy: "original",
        sample_freq: "30%",
        max_waiting: 7,
        max_ack_pending: 8,
        headers_only: true,
        max_batch: 9,
        max_expires: 10_000_000_000,
        max_bytes: 1000,
        inactive_threshold: 60_000_000_000,
        num_replicas: 1,
        mem_storage: true,
      }),
      consumerInfo,
    ],
    "keeps all fields of a push consumer": [
      stream(),
      push({
        deliver_group: "g",
        rate_limit_bps: 100_000,
        flow_control: true,
        idle_heartbeat: 1_000_000_000,
        max_ack_pending: 5,
      }),
    ],
    "returns the existing consumer if it is the same": [stream(), ...fill(1), consumer(), pull(), consumer()],
    "refuses a stream that does not exist": [consumer()],
    "refuses a body that is not JSON": [stream(), api("CONSUMER.CREATE.S.C", "{"), api("CONSUMER.CREATE.S.C", "")],
    "refuses another stream than that of the subject": [
      stream(),
      api("CONSUMER.CREATE.S.C", { stream_name: "T", config: { name: "C" } }),
    ],
    "takes the name of the configuration, not that of the subject": [
      stream(),
      api("CONSUMER.CREATE.S.C", { stream_name: "S", config: { name: "D" } }),
    ],
    "refuses another durable name than that of the subject": [
      stream(),
      api("CONSUMER.DURABLE.CREATE.S.C", { stream_name: "S", config: { durable_name: "D" } }),
      api("CONSUMER.DURABLE.CREATE.S.C", { stream_name: "S", config: {} }),
    ],
    "refuses a durable name beside another name": [stream(), consumer({ durable_name: "D" })],
    "refuses a durable name without it in the subject": [
      stream(),
      create({ durable_name: "C", ack_policy: "explicit" }),
    ],
    "refuses names with wildcards, dots and blanks": [
      stream(),
      create({ name: "a.b" }),
      create({ name: "a*" }),
      create({ name: "a b" }),
      create({ durable_name: "a/b" }),
    ],
    "refuses a name of more than 255 bytes": [stream(), consumer({ name: "C".repeat(256) })],
    "refuses a description of more than 4096 bytes": [stream(), consumer({ description: "d".repeat(4097) })],
    "accepts a filter beside the stream's subjects": [stream(), consumer({ filter_subject: "t.a" })],
    "refuses an invalid filter": [stream(), consumer({ filter_subject: "s..a" })],
    "refuses an unknown policy": [
      stream(),
      consumer({ ack_policy: "some" }),
      consumer({ deliver_policy: "some" }),
      consumer({ replay_policy: "some" }),
    ],
    "refuses a start sequence with another policy": [
      stream(),
      consumer({ opt_start_seq: 1 }),
      consumer({ deliver_policy: "by_start_sequence" }),
      consumer({ deliver_policy: "new", opt_start_seq: 1 }),
      consumer({ deliver_policy: "last", opt_start_seq: 1 }),
      consumer({ deliver_policy: "last_per_subject", opt_start_seq: 1, filter_subject: "s.a" }),
    ],
    "refuses a start time with another policy": [
      stream(),
      consumer({ opt_start_time: "2001-01-01T00:00:00Z" }),
      consumer({ deliver_policy: "by_start_time" }),
      consumer({ deliver_policy: "by_start_sequence", opt_start_seq: 1, opt_start_time: "2001-01-01T00:00:00Z" }),
      consumer({ deliver_policy: "last", opt_start_time: "2001-01-01T00:00:00Z" }),
    ],
    "refuses the last of each subject without a filter": [stream(), consumer({ deliver_policy: "last_per_subject" })],
    "refuses three replicas on a single server": [stream(), consumer({ num_replicas: 3 })],
    "refuses a maximum of redeliveries below the backoff": [
      stream(),
      consumer({ backoff: [100_000_000, 200_000_000], max_deliver: 1 }),
    ],
    "takes the first backoff as the time to wait": [
      stream(),
      consumer({ backoff: [100_000_000, 200_000_000], max_deliver: 3 }),
    ],
    "keeps a deliver group for pulls": [stream(), consumer({ deliver_group: "g" })],
    "refuses flow control for pulls": [
      stream(),
      consumer({ flow_control: true }),
      consumer({ idle_heartbeat: 1_000_000_000 }),
    ],
    "refuses a rate for pulls": [stream(), consumer({ rate_limit_bps: 1000 })],
    "refuses flow control without heartbeats": [stream(), push({ flow_control: true })],
    "refuses heartbeats below 100 ms": [stream(), push({ idle_heartbeat: 99_000_000 })],
    "refuses a number of pulls for pushes": [stream(), push({ max_waiting: 5 })],
    "keeps limits of pulls for pushes": [
      stream(),
      push({ max_batch: 5 }),
      push({ max_expires: 1_000_000_000 }),
      push({ max_bytes: 100 }),
    ],
    "accepts negative limits of pulls": [
      stream(),
      consumer({ max_batch: -1 }),
      consumer({ max_waiting: -1 }),
      consumer({ max_expires: -1 }),
    ],
    "refuses a deliver subject with a wildcard": [
      stream(),
      push({ deliver_subject: "d.*" }),
      push({ deliver_subject: "d..x" }),
    ],
    "refuses a deliver subject of its stream": [stream(), push({ deliver_subject: "s.a" })],
    "refuses a sampling that is not a number": [
      stream(),
      consumer({ sample_freq: "often" }),
      consumer({ sample_freq: "50" }),
    ],
    "keeps max_ack_pending without acknowledgements": [stream(), consumer({ ack_policy: "none", max_ack_pending: 5 })],
    "refuses an unknown field": [stream(), consumer({ colour: "red" })],
    "turns zero into the defaults": [
      stream(),
      consumer({ ack_wait: 0, max_deliver: 0, max_ack_pending: 0, max_waiting: 0 }),
      consumer({ name: "D", max_deliver: -5, max_ack_pending: -1 }),
    ],
    "accepts a consumer of a mirror": [
      stream(),
      stream({ name: "M", subjects: undefined, mirror: { name: "S" } }),
      api("CONSUMER.CREATE.M.C", {
        stream_name: "M",
        config: { name: "C", ack_policy: "explicit", filter_subject: "s.a" },
      }),
    ],
  },
  newer: {
    "takes several filters": [
      stream(),
      publish("s.a"),
      publish("s.b"),
      publish("s.c"),
      consumer({ filter_subjects: ["s.a", "s.c"] }),
      pull({ batch: 5, no_wait: true }),
    ],
    "refuses one filter together with several": [
      stream(),
      consumer({ filter_subject: "s.a", filter_subjects: ["s.b", "s.c"] }),
    ],
    "refuses filters that overlap": [stream(), consumer({ filter_subjects: ["s.a", "s.*"] })],
    "refuses an empty filter among several": [stream(), consumer({ filter_subjects: ["s.a", ""] })],
    "refuses a negative time to wait": [stream(), consumer({ ack_wait: -1 })],
    "refuses several filters in the subject": [
      stream(),
      api("CONSUMER.CREATE.S.C.s.a", { stream_name: "S", config: { name: "C", filter_subjects: ["s.a", "s.b"] } }),
    ],
    "creates only what does not exist": [
      stream(),
      consumer({}, { action: "create" }),
      consumer({}, { action: "create" }),
      consumer({ description: "d" }, { action: "create" }),
    ],
    "updates only what exists": [
      stream(),
      consumer({}, { action: "update" }),
      consumer(),
      consumer({ description: "d" }, { action: "update" }),
    ],
    "refuses an unknown action": [stream(), consumer({}, { action: "replace" })],
    "refuses to complete a configuration (pedantic)": [
      stream(),
      consumer({ ack_wait: 0 }, { pedantic: true }),
      consumer({ backoff: [1_000_000_000], ack_wait: 5_000_000_000, max_deliver: 2 }, { pedantic: true }),
    ],
    "keeps metadata": [stream(), consumer({ metadata: { owner: "me" } })],
    "takes limits of the stream": [
      stream({ consumer_limits: { inactive_threshold: 5_000_000_000, max_ack_pending: 10 } }),
      consumer(),
      consumer({ name: "D", max_ack_pending: 20 }),
      consumer({ name: "E", inactive_threshold: 10_000_000_000 }),
    ],
    "keeps the priority groups": [stream(), consumer({ priority_groups: ["g"], priority_policy: "overflow" })],
    "refuses invalid priority groups": [
      stream(),
      consumer({ priority_groups: [], priority_policy: "overflow" }),
      consumer({ priority_groups: ["a b"], priority_policy: "overflow" }),
      consumer({ priority_groups: ["g"], priority_policy: "some" }),
      consumer({ priority_groups: ["12345678901234567"], priority_policy: "overflow" }),
      push({ priority_groups: ["g"], priority_policy: "overflow" }),
    ],
  },
};
