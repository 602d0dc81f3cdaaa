// SPDX-License-Identifier: Apache-2.0
import type { Request, Step, Theme } from "../script.ts";
import { api, consumer, consumerInfo, fill, publish, pull, respond, stream, subscribe, wait } from "../steps.ts";

const MS = 1_000_000;
const push = (config: object = {}): Request => consumer({ deliver_subject: "d", ...config });
const listen: Step = subscribe("d");
/** What clients create for a consumer that delivers in order. */
const ordered = (config: object = {}): Request =>
  api("CONSUMER.CREATE.S", {
    stream_name: "S",
    config: {
      deliver_subject: "d",
      ack_policy: "none",
      max_deliver: 1,
      flow_control: true,
      idle_heartbeat: 400 * MS,
      ack_wait: 22 * 3600 * 1000 * MS,
      mem_storage: true,
      num_replicas: 1,
      ...config,
    },
  });

/** More bytes than are sent without flow control. */
const large: readonly Step[] = [stream(), ...Array.from({ length: 6 }, () => publish("s.a", "{x*500000}")), listen];

/** Push consumers: delivery, heartbeats, flow control and groups. */
export const pushes: Theme = {
  about: "push",
  scripts: {
    "delivers what is stored, then what is new": [stream(), ...fill(2), listen, push(), publish("s.a", "3")],
    "delivers headers": [stream(), listen, push(), publish("s.a", "x", ["A: b"])],
    "begins with the first subscription": [stream(), ...fill(2), push(), consumerInfo, listen, consumerInfo],
    "pauses without subscriptions": [
      stream(),
      listen,
      push(),
      ...fill(1),
      { unsubscribe: "d" },
      publish("s.a", "2"),
      consumerInfo,
      listen,
      wait(100),
    ],
    "stops at max_ack_pending": [
      stream(),
      ...fill(4),
      listen,
      push({ max_ack_pending: 2 }),
      respond(1, "+ACK", "d"),
      consumerInfo,
    ],
    "redelivers after the time to wait": [
      stream(),
      ...fill(1),
      listen,
      push({ ack_wait: 400 * MS }),
      wait(600),
      respond(1, "+ACK", "d"),
      wait(600),
    ],
    "redelivers after a negative acknowledgement": [stream(), ...fill(2), listen, push(), respond(1, "-NAK", "d")],
    "delivers at most once (ack_policy none)": [
      stream(),
      ...fill(2),
      listen,
      push({ ack_policy: "none" }),
      wait(300),
      consumerInfo,
    ],
    "delivers messages of a filter": [
      stream(),
      publish("s.a", "1"),
      publish("s.b", "2"),
      listen,
      push({ filter_subject: "s.b" }),
    ],
    "delivers the last message": [stream(), ...fill(3), listen, push({ deliver_policy: "last" })],
    "delivers the last of each subject": [
      stream(),
      publish("s.a", "1"),
      publish("s.b", "2"),
      publish("s.a", "3"),
      listen,
      push({ deliver_policy: "last_per_subject", filter_subject: "s.>" }),
      publish("s.a", "4"),
    ],
    "delivers headers only": [stream(), publish("s.a", "hello", ["A: b"]), listen, push({ headers_only: true })],
    "delivers to one member of a group": [
      stream(),
      ...fill(2),
      { subscribe: "d", queue: "g" },
      push({ deliver_group: "g" }),
      publish("s.a", "3"),
      consumerInfo,
    ],
    "does not deliver to subscribers outside of the group": [
      stream(),
      ...fill(1),
      listen,
      push({ deliver_group: "g" }),
      wait(200),
      consumerInfo,
    ],
    "does not deliver to members of another group": [
      stream(),
      ...fill(1),
      { subscribe: "d", queue: "h" },
      push({ deliver_group: "g" }),
      wait(200),
    ],
    "delivers to no queue group if it has none": [
      stream(),
      ...fill(1),
      { subscribe: "d", queue: "g" },
      push(),
      wait(200),
    ],
    "delivers to one subject for two consumers": [
      stream(),
      listen,
      push(),
      consumer({ name: "D", deliver_subject: "d" }),
    ],
    "refuses another deliver subject while it is in use": [stream(), listen, push(), push({ deliver_subject: "e" })],
    "sends heartbeats": [stream(), listen, push({ idle_heartbeat: 400 * MS }), wait(600), consumerInfo],
    "sends heartbeats with the last sequences": [
      stream(),
      listen,
      push({ idle_heartbeat: 500 * MS }),
      ...fill(1),
      wait(700),
    ],
    "sends no heartbeats without subscriptions": [
      stream(),
      push({ idle_heartbeat: 400 * MS }),
      wait(600),
      listen,
      wait(250),
    ],
    "asks for flow control, and continues after the answer": [
      ...large,
      push({ ack_policy: "none", flow_control: true, idle_heartbeat: 5000 * MS }),
      wait(100),
      respond(4, "", "d"),
      consumerInfo,
    ],
    "names the stalled flow control in heartbeats": [
      ...large,
      push({ ack_policy: "none", flow_control: true, idle_heartbeat: 500 * MS }),
      wait(700),
    ],
    "delivers in order": [stream(), ...fill(2), listen, ordered(), publish("s.a", "3"), api("CONSUMER.INFO.S.{1}")],
    "delivers in order from a sequence on": [
      stream(),
      ...fill(3),
      listen,
      ordered({ deliver_policy: "by_start_sequence", opt_start_seq: 2 }),
    ],
    "sends heartbeats in order": [stream(), ...fill(1), listen, ordered(), wait(600)],
    "ends without a status if the consumer is deleted": [
      stream(),
      listen,
      push(),
      api("CONSUMER.DELETE.S.C"),
      publish("s.a"),
    ],
    "sends a burst at once in spite of a limited rate": [
      stream(),
      ...Array.from({ length: 3 }, () => publish("s.a", "{x*1000}")),
      listen,
      push({ ack_policy: "none", rate_limit_bps: 4096 * 8 }),
    ],
    "delivers to a subscription of another connection": [
      stream(),
      { subscribe: "d", by: "b" },
      push(),
      publish("s.a", "x"),
      { close: "b" },
      publish("s.a", "y"),
      consumerInfo,
    ],
    "delivers at the original pace (replay_policy original)": [
      stream(),
      publish("s.a", "1"),
      wait(600),
      publish("s.a", "2"),
      listen,
      push({ replay_policy: "original" }),
      wait(200),
      wait(1000),
    ],
    "is not pulled from": [stream(), ...fill(1), push(), pull({ batch: 1 })],
  },
  newer: {
    "delivers messages of several filters": [
      stream(),
      publish("s.a", "1"),
      publish("s.b", "2"),
      publish("s.c", "3"),
      listen,
      push({ filter_subjects: ["s.a", "s.c"] }),
    ],
    "delivers nothing while it pauses": [
      stream(),
      ...fill(1),
      listen,
      push({ pause_until: "2089-01-01T00:00:00Z" }),
      wait(100),
      api("CONSUMER.PAUSE.S.C", {}),
    ],
    "sends heartbeats while it pauses": [
      stream(),
      ...fill(1),
      listen,
      push({ pause_until: "2089-01-01T00:00:00Z", idle_heartbeat: 400 * MS }),
      wait(600),
    ],
  },
};
