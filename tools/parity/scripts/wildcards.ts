// SPDX-License-Identifier: Apache-2.0
import { quiet, type Theme } from "../src/script.ts";

/** Protocol sections 1.8 and 5.1: which subjects a pattern receives. */
export const wildcards: Theme = {
  about: "wildcards",
  scripts: {
    "> receives everything": `${quiet}SUB > 1\r\nPUB a 1\r\na\r\nPUB a.b.c 1\r\nb\r\nPING\r\n`,
    "foo.> receives what is below foo": `${quiet}SUB foo.> 1\r\nPUB foo 1\r\na\r\nPUB foo.a 1\r\nb\r\nPUB foo.a.b 1\r\nc\r\nPUB bar.a 1\r\nd\r\nPING\r\n`,
    "* is one token": `${quiet}SUB * 1\r\nPUB a 1\r\na\r\nPUB a.b 1\r\nb\r\nPING\r\n`,
    "*.* is two tokens": `${quiet}SUB *.* 1\r\nPUB a.b 1\r\na\r\nPUB a 1\r\nb\r\nPUB a.b.c 1\r\nc\r\nPING\r\n`,
    "* in the midst": `${quiet}SUB a.*.c 1\r\nPUB a.b.c 1\r\na\r\nPUB a.c 1\r\nb\r\nPUB a.b.d 1\r\nc\r\nPING\r\n`,
    "*.> is two tokens or more": `${quiet}SUB *.> 1\r\nPUB a 1\r\na\r\nPUB a.b 1\r\nb\r\nPUB a.b.c 1\r\nc\r\nPING\r\n`,
    "* at the beginning": `${quiet}SUB *.b 1\r\nPUB a.b 1\r\na\r\nPUB b 1\r\nb\r\nPUB a.c 1\r\nc\r\nPING\r\n`,
    "several patterns that receive the same": `${quiet}SUB > 1\r\nSUB foo.* 2\r\nSUB foo.> 3\r\nSUB foo.bar 4\r\nSUB *.bar 5\r\nPUB foo.bar 1\r\na\r\nPING\r\n`,
    "the same pattern twice": `${quiet}SUB foo.* 1\r\nSUB foo.* 2\r\nPUB foo.bar 1\r\na\r\nUNSUB 1\r\nPUB foo.bar 1\r\nb\r\nPING\r\n`,
    "patterns on several connections": [
      ["a", `${quiet}SUB foo.* 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo.> 1\r\nPING\r\n`],
      ["c", `${quiet}SUB *.bar 1\r\nPING\r\n`],
      ["d", `${quiet}PUB foo.bar 1\r\na\r\nPUB foo.bar.baz 1\r\nb\r\nPUB x.bar 1\r\nc\r\nPING\r\n`],
    ],
    "a star within a token is a letter": `${quiet}SUB foo* 1\r\nPUB foo* 1\r\na\r\nPUB foox 1\r\nb\r\nPING\r\n`,
    "two stars are letters": `${quiet}SUB a.** 1\r\nPUB a.** 1\r\na\r\nPUB a.b 1\r\nb\r\nPING\r\n`,
    "> within a token is a letter": `${quiet}SUB a>b 1\r\nSUB a.>> 2\r\nPUB a>b 1\r\na\r\nPUB a.>> 1\r\nb\r\nPUB a.b 1\r\nc\r\nPING\r\n`,
    "a star that is published is received by a star": `${quiet}SUB foo.* 1\r\nSUB foo.bar 2\r\nPUB foo.* 1\r\na\r\nPING\r\n`,
    "a star that is published is received by >": `${quiet}SUB foo.> 1\r\nPUB foo.* 1\r\na\r\nPING\r\n`,
    "> that is published is received by >": `${quiet}SUB > 1\r\nSUB foo.bar 2\r\nPUB foo.> 1\r\na\r\nPING\r\n`,
    "> that is published is received by a star": `${quiet}SUB foo.* 1\r\nPUB foo.> 1\r\na\r\nPING\r\n`,
  },
};
