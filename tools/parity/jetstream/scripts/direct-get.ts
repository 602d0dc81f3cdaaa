// SPDX-License-Identifier: Apache-2.0
import type { Request, Send, Theme } from "../script.ts";
import { api, publish, stream } from "../steps.ts";

const direct = stream({ allow_direct: true });
const get = (data?: object | string): Request => api("DIRECT.GET.S", data);
/** A request with more than one answer. */
const batch = (data: object): Send => ({ send: "$JS.API.DIRECT.GET.S", reply: "batch", data });
const four: readonly Request[] = [
  direct,
  publish("s.a", "1", ["A: b"]),
  publish("s.b", "2"),
  publish("s.a", "3"),
  publish("s.c", "4"),
];

/** `DIRECT.GET`, with a request in the body or the last subject in the subject. */
export const directGet: Theme = {
  about: "direct get",
  scripts: {
    "returns a message by its sequence": [...four, get({ seq: 1 }), get({ seq: 2 })],
    "returns the last of a subject": [...four, get({ last_by_subj: "s.a" }), get({ last_by_subj: "s.*" })],
    "returns the next of a subject": [...four, get({ seq: 2, next_by_subj: "s.a" }), get({ next_by_subj: "s.b" })],
    "returns the last of the subject in its own subject": [
      ...four,
      api("DIRECT.GET.S.s.a"),
      api("DIRECT.GET.S.s.b"),
      api("DIRECT.GET.S.s.x"),
    ],
    "refuses a body together with a subject": [...four, api("DIRECT.GET.S.s.a", { seq: 1 })],
    "finds nothing": [...four, get({ seq: 9 }), get({ last_by_subj: "s.x" }), get({ seq: 4, next_by_subj: "s.a" })],
    "refuses an empty request": [...four, get(), get({})],
    "refuses two ways at once": [
      ...four,
      get({ seq: 1, last_by_subj: "s.a" }),
      get({ last_by_subj: "s.a", next_by_subj: "s.a" }),
    ],
    "refuses a body that is not JSON": [...four, get("seq")],
    "has no responder if the stream does not allow it": [stream(), publish("s.a"), get({ seq: 1 })],
    "has no responder without the stream": [get({ seq: 1 })],
    "has no responder after the stream was deleted": [...four, api("STREAM.DELETE.S"), get({ seq: 1 })],
    "has no responder after it was forbidden": [
      ...four,
      api("STREAM.UPDATE.S", { name: "S", subjects: ["s.>"], storage: "memory" }),
      get({ seq: 1 }),
    ],
    "does not find what was deleted": [
      ...four,
      api("STREAM.MSG.DELETE.S", { seq: 2 }),
      get({ seq: 2 }),
      get({ seq: 2, next_by_subj: ">" }),
    ],
    "returns an empty payload": [direct, publish("s.a"), get({ seq: 1 })],
    "is answered by a mirror": [
      direct,
      stream({ name: "M", subjects: undefined, mirror: { name: "S" }, allow_direct: true, mirror_direct: true }),
      publish("s.a", "1"),
      { wait: 100 },
      api("DIRECT.GET.M", { seq: 1 }),
    ],
  },
  newer: {
    "returns a batch from a sequence on": [...four, batch({ seq: 1, batch: 2 }), batch({ seq: 3, batch: 10 })],
    "returns a batch of a subject": [...four, batch({ seq: 1, next_by_subj: "s.a", batch: 10 })],
    "returns a batch below a number of bytes": [
      ...four,
      batch({ seq: 1, batch: 10, max_bytes: 1 }),
      batch({ seq: 1, batch: 10, max_bytes: 60 }),
    ],
    "returns an empty batch": [...four, batch({ seq: 9, batch: 3 }), batch({ seq: 1, next_by_subj: "s.x", batch: 3 })],
    "returns the last of several subjects": [
      ...four,
      batch({ multi_last: ["s.a", "s.c"] }),
      batch({ multi_last: ["s.>"] }),
    ],
    "returns the last of several subjects in batches": [
      ...four,
      batch({ multi_last: ["s.>"], batch: 2 }),
      batch({ multi_last: ["s.>"], batch: 2, seq: 4 }),
    ],
    "returns the last of several subjects up to a sequence": [...four, batch({ multi_last: ["s.*"], up_to_seq: 2 })],
    "returns the last of several subjects up to a time": [
      ...four,
      batch({ multi_last: ["s.*"], up_to_time: "2099-01-01T00:00:00Z" }),
      batch({ multi_last: ["s.*"], up_to_time: "2001-01-01T00:00:00Z" }),
    ],
    "refuses two limits at once": [
      ...four,
      batch({ multi_last: ["s.*"], up_to_seq: 2, up_to_time: "2099-01-01T00:00:00Z" }),
    ],
    "finds none of several subjects": [...four, batch({ multi_last: ["t.*"] })],
    "refuses several subjects together with the last of one": [
      ...four,
      batch({ multi_last: ["s.a"], last_by_subj: "s.a" }),
    ],
    "returns a message since a time": [...four, get({ start_time: "2001-01-01T00:00:00Z", next_by_subj: "s.b" })],
    "returns a batch since a time": [...four, batch({ start_time: "2001-01-01T00:00:00Z", batch: 2 })],
    "returns a message without headers": [...four, get({ seq: 1, no_hdr: true })],
  },
};
