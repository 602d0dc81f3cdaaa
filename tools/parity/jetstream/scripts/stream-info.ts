// SPDX-License-Identifier: Apache-2.0
import type { Request, Theme } from "../script.ts";
import { api, consumer, fill, message, publish, stream, streamInfo } from "../steps.ts";

const many: readonly Request[] = ["A", "B", "C"].map((name) => stream({ name }));
const remove = (seq: number): Request => api("STREAM.MSG.DELETE.S", { seq });

/** `STREAM.INFO`, `STREAM.NAMES`, `STREAM.LIST` and `STREAM.DELETE`. */
export const streamInfos: Theme = {
  about: "stream info",
  scripts: {
    "has the state of an empty stream": [stream(), streamInfo],
    "counts messages, bytes and subjects": [stream(), ...fill(2), publish("s.b", "hello", ["A: b"]), streamInfo],
    "counts consumers": [stream(), consumer(), consumer({ name: "D" }), streamInfo],
    "has gaps after a deletion": [stream(), ...fill(4), remove(2), remove(3), streamInfo],
    "lists what is deleted on request": [
      stream(),
      ...fill(5),
      remove(2),
      remove(4),
      api("STREAM.INFO.S", { deleted_details: true }),
    ],
    "begins after what is deleted first": [stream(), ...fill(3), remove(1), remove(2), streamInfo],
    "keeps the last sequence if all are deleted": [
      stream(),
      ...fill(2),
      remove(1),
      remove(2),
      streamInfo,
      publish("s.a"),
    ],
    "lists subjects of a filter": [
      stream(),
      ...fill(2, "s.a"),
      publish("s.b.c"),
      api("STREAM.INFO.S", { subjects_filter: ">" }),
      api("STREAM.INFO.S", { subjects_filter: "s.*" }),
      api("STREAM.INFO.S", { subjects_filter: "s.b.c" }),
    ],
    "has no subjects if none match the filter": [
      stream(),
      ...fill(1),
      api("STREAM.INFO.S", { subjects_filter: "t.>" }),
    ],
    "lists subjects from an offset on": [
      stream(),
      publish("s.a"),
      publish("s.b"),
      publish("s.c"),
      api("STREAM.INFO.S", { subjects_filter: ">", offset: 2 }),
      api("STREAM.INFO.S", { subjects_filter: ">", offset: 9 }),
    ],
    "refuses a stream that does not exist": [streamInfo],
    "refuses a body that is not JSON": [stream(), api("STREAM.INFO.S", "{")],
    "refuses an unknown field": [stream(), api("STREAM.INFO.S", { colour: "red" })],
    "accepts an empty object": [stream(), api("STREAM.INFO.S", {})],
    "is not answered for a name with a dot": [stream(), api("STREAM.INFO.S.T")],
    "names streams in order": [...many, api("STREAM.NAMES")],
    "names streams from an offset on": [
      ...many,
      api("STREAM.NAMES", { offset: 1 }),
      api("STREAM.NAMES", { offset: 5 }),
    ],
    "names no streams": [api("STREAM.NAMES"), api("STREAM.LIST")],
    "names streams by a subject": [
      ...many,
      api("STREAM.NAMES", { subject: "b.x" }),
      api("STREAM.NAMES", { subject: "*.x" }),
      api("STREAM.NAMES", { subject: "b.>" }),
      api("STREAM.NAMES", { subject: ">" }),
      api("STREAM.NAMES", { subject: "z" }),
    ],
    "names and lists streams as without a body if it is not JSON": [api("STREAM.NAMES", "x"), api("STREAM.LIST", "x")],
    "refuses names with an unknown field": [api("STREAM.NAMES", { colour: 1 })],
    "lists streams in order": [stream({ name: "B" }), stream({ name: "A" }), api("STREAM.LIST")],
    "lists streams from an offset on": [
      stream({ name: "A" }),
      stream({ name: "B" }),
      api("STREAM.LIST", { offset: 1 }),
    ],
    "lists streams by a subject": [
      stream({ name: "A" }),
      stream({ name: "B" }),
      api("STREAM.LIST", { subject: "a.*" }),
    ],
    "deletes a stream": [stream(), ...fill(1), api("STREAM.DELETE.S"), streamInfo, api("STREAM.NAMES"), publish("s.a")],
    "deletes consumers with their stream": [
      stream(),
      consumer(),
      api("STREAM.DELETE.S"),
      stream(),
      api("CONSUMER.INFO.S.C"),
    ],
    "refuses to delete a stream that does not exist": [api("STREAM.DELETE.S")],
    "refuses to delete with a body": [stream(), api("STREAM.DELETE.S", { seq: 1 }), streamInfo],
    "begins at 1 again if a stream is created again": [
      stream(),
      ...fill(2),
      api("STREAM.DELETE.S"),
      stream(),
      ...fill(1),
    ],
    "refuses to create with a body of another API": [api("STREAM.CREATE.S", { stream_name: "S" })],
    "answers no unknown operation": [api("STREAM.EXPLODE.S")],
    "refuses operations of a cluster": [
      stream(),
      consumer(),
      api("STREAM.LEADER.STEPDOWN.S"),
      api("STREAM.PEER.REMOVE.S", { peer: "x" }),
      api("CONSUMER.LEADER.STEPDOWN.S.C"),
    ],
    "gets a message by its sequence": [stream(), publish("s.a", "hello"), message(1)],
  },
  newer: {
    "treats a negative offset as none": [
      ...many,
      api("STREAM.NAMES", { offset: -1 }),
      api("STREAM.LIST", { offset: -1 }),
    ],
  },
};
