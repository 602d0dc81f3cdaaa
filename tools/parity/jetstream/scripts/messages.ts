// SPDX-License-Identifier: Apache-2.0
import type { Request, Theme } from "../script.ts";
import { api, consumer, consumerInfo, fill, message, publish, pull, stream, streamInfo } from "../steps.ts";

const get = (data: object): Request => api("STREAM.MSG.GET.S", data);
const remove = (data: object): Request => api("STREAM.MSG.DELETE.S", data);
const purge = (data?: object): Request => api("STREAM.PURGE.S", data);
const three: readonly Request[] = [stream(), publish("s.a", "1"), publish("s.b", "2"), publish("s.a", "3")];

/** `STREAM.MSG.GET`, `STREAM.MSG.DELETE` and `STREAM.PURGE`. */
export const messages: Theme = {
  about: "messages",
  scripts: {
    "are got with headers and bytes in base64": [stream(), publish("s.a", "\x00\xff", ["A: b", "A: c"]), message(1)],
    "are got without data if they are empty": [stream(), publish("s.a"), message(1)],
    "are got by the last of a subject": [...three, get({ last_by_subj: "s.a" }), get({ last_by_subj: "s.b" })],
    "are got by the last of a wildcard": [...three, get({ last_by_subj: "s.*" }), get({ last_by_subj: ">" })],
    "are got by the next of a subject": [
      ...three,
      get({ seq: 1, next_by_subj: "s.a" }),
      get({ seq: 2, next_by_subj: "s.a" }),
      get({ next_by_subj: "s.b" }),
      get({ seq: 3, next_by_subj: "s.b" }),
    ],
    "are got by the next of a wildcard": [...three, get({ seq: 2, next_by_subj: "s.*" })],
    "are not found by a sequence": [...three, message(9), get({ seq: 0 })],
    "are not found by a subject": [...three, get({ last_by_subj: "s.c" })],
    "are not got by two ways at once": [
      ...three,
      get({ seq: 1, last_by_subj: "s.a" }),
      get({ last_by_subj: "s.a", next_by_subj: "s.a" }),
    ],
    "are not got by an empty request": [...three, get({}), api("STREAM.MSG.GET.S")],
    "are not got from a stream that does not exist": [message(1)],
    "are not got by an unknown field": [...three, get({ sequence: 1 })],
    "are not got by a negative sequence": [...three, get({ seq: -1 })],
    "are deleted by a sequence": [...three, remove({ seq: 2 }), message(2), streamInfo],
    "are deleted without erasing": [...three, remove({ seq: 2, no_erase: true }), message(2)],
    "are not deleted twice": [...three, remove({ seq: 2 }), remove({ seq: 2 })],
    "are not deleted if they do not exist": [...three, remove({ seq: 9 }), remove({ seq: 0 }), remove({})],
    "are not deleted by a body that is not JSON": [
      ...three,
      api("STREAM.MSG.DELETE.S", "1"),
      api("STREAM.MSG.DELETE.S"),
    ],
    "are not deleted from a stream that does not exist": [remove({ seq: 1 })],
    "are not deleted if the stream denies it": [stream({ deny_delete: true }), ...fill(1), remove({ seq: 1 })],
    "are no longer pending after their deletion": [
      ...three,
      consumer(),
      remove({ seq: 1 }),
      consumerInfo,
      pull({ batch: 5, no_wait: true }),
    ],
    "are purged": [...three, purge(), streamInfo, publish("s.a")],
    "are purged if there are none": [stream(), purge(), streamInfo],
    "are purged by a subject": [...three, purge({ filter: "s.a" }), streamInfo],
    "are purged by a wildcard": [...three, publish("s.b.c", "4"), purge({ filter: "s.*" }), streamInfo],
    "are purged below a sequence": [...three, purge({ seq: 3 }), streamInfo],
    "are purged below a sequence beyond the last": [...three, purge({ seq: 10 }), streamInfo, publish("s.a")],
    "are purged except the last": [...three, purge({ keep: 1 }), streamInfo],
    "are purged except more than there are": [...three, purge({ keep: 10 }), streamInfo],
    "are purged by a subject except its last": [
      ...three,
      publish("s.a", "4"),
      purge({ filter: "s.a", keep: 1 }),
      streamInfo,
    ],
    "are purged by a subject below a sequence": [...three, purge({ filter: "s.a", seq: 3 }), streamInfo],
    "are not purged by sequence and number": [...three, purge({ seq: 2, keep: 1 })],
    "are not purged by a subject that has none": [...three, purge({ filter: "s.c" })],
    "are not purged by a subject of another stream": [...three, purge({ filter: "t.a" })],
    "are purged by a body that is not JSON, as by none": [...three, api("STREAM.PURGE.S", "all")],
    "are not purged from a stream that does not exist": [purge()],
    "are not purged if the stream denies it": [
      stream({ deny_purge: true }),
      ...fill(1),
      purge(),
      purge({ filter: "s.a" }),
    ],
    "are purged by an empty object": [...three, purge({}), streamInfo],
    "are no longer pending after a purge": [
      ...three,
      consumer(),
      purge({ filter: "s.a" }),
      consumerInfo,
      pull({ batch: 5, no_wait: true }),
    ],
    "are no longer waiting for an acknowledgement after a purge": [
      ...three,
      consumer(),
      pull({ batch: 2 }),
      purge(),
      consumerInfo,
    ],
    "move a consumer that is behind a purge": [
      ...three,
      consumer(),
      purge(),
      publish("s.a", "4"),
      pull({ batch: 5, no_wait: true }),
      consumerInfo,
    ],
  },
  newer: {
    "are got without headers": [stream(), publish("s.a", "x", ["A: b"]), get({ seq: 1, no_hdr: true })],
    "are got by the next since a time": [...three, get({ start_time: "2001-01-01T00:00:00Z", next_by_subj: "s.b" })],
  },
};
