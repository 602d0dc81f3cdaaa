// SPDX-License-Identifier: Apache-2.0
import { quiet, type Theme } from "../src/script.ts";

/** Protocol sections 1.8 and 5.1: which subjects a pattern receives. */
export const wildcards: Theme = {
  about: "wildcards",
  scripts: {
    "match every subject with >": `${quiet}SUB > 1\r\nPUB a 1\r\na\r\nPUB a.b.c 1\r\nb\r\nPING\r\n`,
    "match subjects below foo, but not foo, with foo.>": `${quiet}SUB foo.> 1\r\nPUB foo 1\r\na\r\nPUB foo.a 1\r\nb\r\nPUB foo.a.b 1\r\nc\r\nPUB bar.a 1\r\nd\r\nPING\r\n`,
    "match one token with *": `${quiet}SUB * 1\r\nPUB a 1\r\na\r\nPUB a.b 1\r\nb\r\nPING\r\n`,
    "match two tokens with *.*": `${quiet}SUB *.* 1\r\nPUB a.b 1\r\na\r\nPUB a 1\r\nb\r\nPUB a.b.c 1\r\nc\r\nPING\r\n`,
    "match one token with a * in the middle": `${quiet}SUB a.*.c 1\r\nPUB a.b.c 1\r\na\r\nPUB a.c 1\r\nb\r\nPUB a.b.d 1\r\nc\r\nPING\r\n`,
    "match two or more tokens with *.>": `${quiet}SUB *.> 1\r\nPUB a 1\r\na\r\nPUB a.b 1\r\nb\r\nPUB a.b.c 1\r\nc\r\nPING\r\n`,
    "match one token with a * at the beginning": `${quiet}SUB *.b 1\r\nPUB a.b 1\r\na\r\nPUB b 1\r\nb\r\nPUB a.c 1\r\nc\r\nPING\r\n`,
    "deliver a message once to each of several matching patterns": `${quiet}SUB > 1\r\nSUB foo.* 2\r\nSUB foo.> 3\r\nSUB foo.bar 4\r\nSUB *.bar 5\r\nPUB foo.bar 1\r\na\r\nPING\r\n`,
    "deliver to both subscriptions to the same pattern": `${quiet}SUB foo.* 1\r\nSUB foo.* 2\r\nPUB foo.bar 1\r\na\r\nUNSUB 1\r\nPUB foo.bar 1\r\nb\r\nPING\r\n`,
    "deliver to patterns on several connections": [
      ["a", `${quiet}SUB foo.* 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo.> 1\r\nPING\r\n`],
      ["c", `${quiet}SUB *.bar 1\r\nPING\r\n`],
      ["d", `${quiet}PUB foo.bar 1\r\na\r\nPUB foo.bar.baz 1\r\nb\r\nPUB x.bar 1\r\nc\r\nPING\r\n`],
    ],
    "match literally with a * within a token": `${quiet}SUB foo* 1\r\nPUB foo* 1\r\na\r\nPUB foox 1\r\nb\r\nPING\r\n`,
    "match literally with two stars as a token": `${quiet}SUB a.** 1\r\nPUB a.** 1\r\na\r\nPUB a.b 1\r\nb\r\nPING\r\n`,
    "match literally with > within a token": `${quiet}SUB a>b 1\r\nSUB a.>> 2\r\nPUB a>b 1\r\na\r\nPUB a.>> 1\r\nb\r\nPUB a.b 1\r\nc\r\nPING\r\n`,
    "match a published * token with *": `${quiet}SUB foo.* 1\r\nSUB foo.bar 2\r\nPUB foo.* 1\r\na\r\nPING\r\n`,
    "match a published * token with >": `${quiet}SUB foo.> 1\r\nPUB foo.* 1\r\na\r\nPING\r\n`,
    "match a published > token with >": `${quiet}SUB > 1\r\nSUB foo.bar 2\r\nPUB foo.> 1\r\na\r\nPING\r\n`,
    "match a published > token in the middle with *": `${quiet}SUB foo.*.bar 1\r\nSUB foo.> 2\r\nPUB foo.>.bar 1\r\na\r\nPING\r\n`,
    "match a subject of JetStream's API with wildcards": `${quiet}SUB $JS.API.> 1\r\nPUB $JS.API.CONSUMER.CREATE.S.c.orders.> 1\r\na\r\nPING\r\n`,
    "do not touch a reply subject with wildcards": `${quiet}SUB foo 1\r\nPUB foo in.* 1\r\na\r\nPUB foo > 1\r\nb\r\nPUB foo *.>.x 1\r\nc\r\nPING\r\n`,
    "match a published > token with *": `${quiet}SUB foo.* 1\r\nPUB foo.> 1\r\na\r\nPING\r\n`,
  },
};
