// SPDX-License-Identifier: Apache-2.0
import type { Request, Step, Theme } from "../script.ts";
import { api, fill, message, publish, stream, streamInfo, subscribe, wait } from "../steps.ts";

const settle: Step = wait(200);
const mirror = (config: object = {}): Request =>
  stream({ name: "M", subjects: undefined, mirror: { name: "S", ...config } });
const sources = (...list: readonly object[]): Request => stream({ name: "M", subjects: undefined, sources: list });
const copy = (seq: number): Request => api("STREAM.MSG.GET.M", { seq });
const info: Request = api("STREAM.INFO.M");

/** Mirrors, sources, republishing and subject transforms. */
export const copies: Theme = {
  about: "copies",
  scripts: {
    "of a mirror have the same sequences": [stream(), ...fill(2), mirror(), settle, ...fill(1), settle, info, copy(3)],
    "of a mirror keep gaps": [
      stream(),
      ...fill(3),
      api("STREAM.MSG.DELETE.S", { seq: 2 }),
      mirror(),
      settle,
      info,
      copy(3),
    ],
    "of a mirror keep headers": [stream(), mirror(), settle, publish("s.a", "x", ["A: b"]), settle, copy(1)],
    "of a mirror begin at a sequence": [stream(), ...fill(3), mirror({ opt_start_seq: 2 }), settle, info],
    "of a mirror have a subject": [
      stream(),
      publish("s.a"),
      publish("s.b"),
      publish("s.a"),
      mirror({ filter_subject: "s.a" }),
      settle,
      info,
    ],
    "of a mirror are not removed with their originals": [
      stream(),
      mirror(),
      settle,
      ...fill(2),
      settle,
      api("STREAM.PURGE.S"),
      settle,
      info,
    ],
    "of a mirror cannot be published": [stream(), mirror(), settle, publish("M"), info],
    "of a mirror wait for its stream": [mirror(), settle, info],
    "of a mirror with subjects are refused": [
      stream(),
      stream({ name: "M", subjects: ["m.>"], mirror: { name: "S" } }),
    ],
    "of a mirror with sources are refused": [
      stream(),
      stream({ name: "M", subjects: undefined, mirror: { name: "S" }, sources: [{ name: "S" }] }),
    ],
    "of a mirror of itself are refused": [mirror(), stream({ name: "S", subjects: undefined, mirror: { name: "S" } })],
    "of a mirror with an invalid name are refused": [
      stream({ name: "M", subjects: undefined, mirror: { name: "S.T" } }),
    ],
    "of a mirror with a smaller message limit are refused": [
      stream({ max_msg_size: 100 }),
      stream({ name: "M", subjects: undefined, max_msg_size: 50, mirror: { name: "S" } }),
    ],
    "of a source name their origin": [
      stream(),
      sources({ name: "S" }),
      settle,
      publish("s.a", "x"),
      settle,
      copy(1),
      info,
    ],
    "of two sources are numbered anew": [
      stream(),
      stream({ name: "T" }),
      ...fill(1, "s.a"),
      sources({ name: "S" }, { name: "T" }),
      settle,
      ...fill(1, "t.a"),
      settle,
      copy(1),
      copy(2),
    ],
    "of a source begin at a sequence": [
      stream(),
      ...fill(3),
      sources({ name: "S", opt_start_seq: 3 }),
      settle,
      copy(1),
    ],
    "of a source have a subject": [
      stream(),
      publish("s.a"),
      publish("s.b"),
      sources({ name: "S", filter_subject: "s.b" }),
      settle,
      copy(1),
      info,
    ],
    "of a source are stored beside messages of its own": [
      stream(),
      stream({ name: "M", subjects: ["m.>"], sources: [{ name: "S" }] }),
      settle,
      publish("s.a", "1"),
      settle,
      publish("m.a", "2"),
      copy(1),
      copy(2),
    ],
    "of the same source twice are refused": [stream(), sources({ name: "S" }, { name: "S" })],
    "of a source with an invalid filter are refused": [stream(), sources({ name: "S", filter_subject: "s..a" })],
    "of a source of itself are refused": [stream({ name: "M", subjects: ["m"], sources: [{ name: "M" }] })],
    "are republished": [
      stream({ republish: { src: "s.*", dest: "copy.{{wildcard(1)}}" } }),
      subscribe("copy.>"),
      publish("s.a", "x", ["A: b"]),
      publish("s.a", "y"),
      publish("s.b.c", "z"),
    ],
    "are republished under the whole subject": [
      stream({ republish: { src: ">", dest: "copy.>" } }),
      subscribe("copy.>"),
      publish("s.a", "x"),
    ],
    "are republished without their payload": [
      stream({ republish: { src: ">", dest: "copy.>", headers_only: true } }),
      subscribe("copy.>"),
      publish("s.a", "hello"),
    ],
    "are republished with the sequence before": [
      stream({ republish: { src: ">", dest: "copy.>" } }),
      subscribe("copy.>"),
      publish("s.a", "1"),
      publish("s.b", "2"),
      publish("s.a", "3"),
    ],
    "are not republished if they are duplicates": [
      stream({ republish: { src: ">", dest: "copy.>" } }),
      subscribe("copy.>"),
      publish("s.a", "1", ["Nats-Msg-Id: a"]),
      publish("s.a", "2", ["Nats-Msg-Id: a"]),
    ],
    "are not republished in a circle": [stream({ republish: { src: ">", dest: "s.copy.>" } })],
    "are not republished to an invalid subject": [
      stream({ republish: { src: "s.*", dest: "copy..x" } }),
      stream({ republish: { src: "s.*", dest: "copy.{{wildcard(2)}}" } }),
    ],
    "are republished to subscribers only": [
      stream({ republish: { src: "s.b", dest: "copy" } }),
      subscribe("copy"),
      publish("s.a"),
      publish("s.b"),
    ],
  },
  newer: {
    "are stored under another subject": [
      stream({ subject_transform: { src: "s.*", dest: "t.{{wildcard(1)}}.x" } }),
      publish("s.a", "1"),
      message(1),
      publish("s.b.c", "2"),
      message(2),
      streamInfo,
    ],
    "are not stored by an invalid transform": [
      stream({ subject_transform: { src: "s.*", dest: "t..x" } }),
      stream({ subject_transform: { src: "s..*", dest: "t.x" } }),
      stream({ subject_transform: { src: "s.*", dest: "t.{{wildcard(3)}}" } }),
      stream({ subject_transform: { src: "s.*", dest: "t.{{unknown(1)}}" } }),
    ],
    "are stored by functions of a transform": [
      stream({
        subjects: ["s.*.*"],
        subject_transform: { src: "s.*.*", dest: "t.{{partition(5,1,2)}}.{{wildcard(2)}}.{{wildcard(1)}}" },
      }),
      publish("s.abc.def", "1"),
      message(1),
    ],
    "are stored by text functions of a transform": [
      stream({
        subjects: ["s.*"],
        subject_transform: {
          src: "s.*",
          dest: "t.{{left(1,2)}}.{{right(1,2)}}.{{splitfromleft(1,1)}}.{{slicefromright(1,2)}}.{{split(1,-)}}",
        },
      }),
      publish("s.ab-cde", "1"),
      message(1),
    ],
    "of a source have transforms": [
      stream(),
      publish("s.a", "1"),
      publish("s.b", "2"),
      sources({
        name: "S",
        subject_transforms: [
          { src: "s.a", dest: "x.a" },
          { src: "s.b", dest: "y.b" },
        ],
      }),
      settle,
      copy(1),
      copy(2),
      info,
    ],
    "of a mirror have transforms": [
      stream(),
      publish("s.a", "1"),
      mirror({ subject_transforms: [{ src: "s.>", dest: "x.>" }] }),
      settle,
      copy(1),
      info,
    ],
    "of a source refuse filter and transforms together": [
      stream(),
      sources({ name: "S", filter_subject: "s.a", subject_transforms: [{ src: "s.b", dest: "y.b" }] }),
    ],
  },
};
