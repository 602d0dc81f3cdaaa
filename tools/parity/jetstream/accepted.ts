// SPDX-License-Identifier: Apache-2.0

/** An intended difference between JetStream of the embedded server and nats-server. */
export interface Accepted {
  readonly name: string;
  /** The rule that the embedded server follows, or why the difference stays. */
  readonly reason: string;
  /** Matches the lines of `differencesOf` after `theme: title: `. One of them, at least, must occur. */
  readonly lines: RegExp;
}

/** All of them. The tests fail for a difference that is not listed, and for a listed one that no longer occurs. */
export const accepted: readonly Accepted[] = [
  {
    name: "Copies are stored at once",
    reason:
      "A mirror, or a stream with sources, has its copies, or its error, when the request that creates it is answered.",
    lines:
      /(mirror|sources \d) (active: recorded -1|error: recorded nothing)|^copies: .*: step \d answer 0 data state \w+: recorded (0|"0001|nothing)/,
  },
  {
    name: "A mirror shows its filter",
    reason: "The answer has the filter of the configuration, as later releases do.",
    lines: /mirror filter_subject: recorded nothing/,
  },
  {
    name: "Status 503 names the subject",
    reason: "The core protocol is that of the current release: 2.12 and later send Nats-Subject.",
    lines: /headers 1: recorded nothing, played "Nats-Subject: /,
  },
  {
    name: "Priority groups are refused",
    reason: "A named limit: a configuration with priority groups is refused, so nothing else of these scripts happens.",
    lines:
      /^(priority group: |consumer create: (keeps the|refuses invalid) priority groups|consumer info: .*(unpin|group))/,
  },
  {
    name: "Sampling and rate limits are refused",
    reason: "A named limit: sample_freq and rate_limit_bps of a consumer are unknown fields.",
    lines:
      /^(acknowledge: reports sampled|push: sends a burst at once|consumer create: (keeps all fields of a|refuses a sampling))/,
  },
  {
    name: "Requests to a cluster are not answered",
    reason: "A named limit: there are no leaders and no peers.",
    lines: /^stream info: refuses operations of a cluster: /,
  },
  {
    name: "Replicas are refused in an update too",
    reason: "nats-server 2.11 accepts three replicas in an update on a single server, where no peer can have them.",
    lines: /^stream update: refuses three replicas on a single server: /,
  },
  {
    name: "A lower maximum per subject removes messages",
    reason: "2.11 keeps what is above a maximum that is added later; later releases remove it.",
    lines: /^stream update: removes the oldest messages above a lower maximum per subject: /,
  },
  {
    name: "Memory has no limit",
    reason: "A named limit: max_bytes is not compared with the memory of the machine.",
    lines: /^stream create: refuses more bytes than the memory of the server: /,
  },
  {
    name: "Requests are not audited",
    reason: "A named limit: $JS.EVENT.ADVISORY.API is not published.",
    lines: /^advisory: reports each request to the API: /,
  },
  {
    name: "Texts of malformed JSON",
    reason: "The code is the same. The text quotes another parser.",
    lines: /data error description: recorded "invalid JSON: /,
  },
  {
    name: "A stream name that is not a token gets no answer",
    reason: "Its API subject names no stream, so the server has nothing to answer.",
    lines: /^stream create: refuses a name with a wildcard: /,
  },
  {
    name: "A negative offset is 0",
    reason: "2.11 sends no answer. Later releases return the first page.",
    lines: /^stream info: treats a negative offset as none: /,
  },
  {
    name: "A negative ack wait is refused",
    reason: "Later releases refuse it. 2.11 accepts it.",
    lines: /^consumer create: refuses a negative time to wait: /,
  },
  {
    name: "A consumer resumes at once",
    reason: "A request that ends a pause delivers what waits. nats-server delivers it later.",
    lines: /^(consumer info: pauses and resumes|push: delivers nothing while it pauses): /,
  },
  {
    name: "push_bound is that of the new deliver subject",
    reason: "2.11 notices a subscription to a new deliver subject a moment later.",
    lines: /^consumer info: changes the deliver subject of a push consumer: /,
  },
  {
    name: "Counts after a purge by subject",
    reason: "A message that was purged before its delivery does not count as delivered.",
    lines: /^messages: are no longer pending after a purge: /,
  },
  {
    name: "A pull beyond the last message is answered",
    reason: "A consumer without messages answers a no_wait pull with status 404, wherever it starts.",
    lines: /^deliver policy: returns messages from a sequence beyond the last: /,
  },
];
