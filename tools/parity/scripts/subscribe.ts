// SPDX-License-Identifier: Apache-2.0
import { quiet, type Theme } from "../src/script.ts";

/** Protocol sections 1.7, 1.8 and 5.3: SUB. */
export const subscribe: Theme = {
  about: "SUB",
  scripts: {
    "one subscription": `${quiet}SUB foo 1\r\nPUB foo 1\r\na\r\nPUB bar 1\r\nb\r\nPING\r\n`,
    "one message for each sid": `${quiet}SUB foo 1\r\nSUB foo 2\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "several connections": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["c", `${quiet}SUB bar 1\r\nPUB foo 1\r\na\r\nPING\r\n`],
    ],
    "a connection that leaves takes its subscriptions along": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["a", "X", "closed"],
      ["b", "PUB foo 1\r\na\r\nPING\r\n"],
    ],
    "messages in the order of their publishing": `${quiet}SUB foo 1\r\nPUB foo 1\r\na\r\nPUB foo 1\r\nb\r\nPUB foo 1\r\nc\r\nPING\r\n`,
    "a sid is any text": `${quiet}SUB foo abc-_.*>\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "a sid with a sign": `${quiet}SUB foo -1\r\nPUB foo 1\r\na\r\nUNSUB -1\r\nPUB foo 1\r\nb\r\nPING\r\n`,
    "01 and 1 are two sids": `${quiet}SUB foo 01\r\nSUB foo 1\r\nUNSUB 01\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "a sid above all integers": `${quiet}SUB foo 18446744073709551617\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "a sid of a hundred bytes": `${quiet}SUB foo ${"s".repeat(100)}\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "a sid of UTF-8": `${quiet}SUB foo \xc3\xa9\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "a sid that is no UTF-8": `${quiet}SUB foo \xff\xfe\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "a sid in use: the first subscription stays": `${quiet}SUB foo 1\r\nSUB bar 1\r\nPUB bar 1\r\na\r\nPUB foo 1\r\nb\r\nPING\r\n`,
    "a sid in use with a bad subject": `${quiet}SUB foo 1\r\nSUB a..b 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "a sid in use with a queue group": `${quiet}SUB foo 1\r\nSUB foo q 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "a sid in use on another connection": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB bar 1\r\nPUB foo 1\r\na\r\nPUB bar 1\r\nb\r\nPING\r\n`],
    ],
    "an empty token": `${quiet}SUB foo..bar 1\r\nPING\r\n`,
    "a point at the end": `${quiet}SUB foo. 1\r\nPING\r\n`,
    "a point at the beginning": `${quiet}SUB .foo 1\r\nPING\r\n`,
    "a point": `${quiet}SUB . 1\r\nPING\r\n`,
    "> in the midst": `${quiet}SUB foo.>.bar 1\r\nPING\r\n`,
    "> at the beginning": `${quiet}SUB >.foo 1\r\nPING\r\n`,
    "a refused sid is free": `${quiet}SUB a..b 1\r\nSUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "one argument": [["a", `${quiet}SUB foo\r\n`, "closed"]],
    "four arguments": [["a", `${quiet}SUB foo bar baz 22\r\n`, "closed"]],
    "subjects tell upper from lower case": `${quiet}SUB Foo 1\r\nPUB foo 1\r\na\r\nPUB Foo 1\r\nb\r\nPING\r\n`,
    "a subject of UTF-8": `${quiet}SUB f\xc3\xa9 1\r\nPUB f\xc3\xa9 1\r\na\r\nPING\r\n`,
    "a subject with control bytes": `${quiet}SUB f\x01\x7f 1\r\nPING\r\n`,
    "a subject with NUL": `${quiet}SUB f\0o 1\r\nPING\r\n`,
    "a subject that is no UTF-8": `${quiet}SUB f\xff 1\r\nPING\r\n`,
    "a subject of 1,024 bytes": [
      ["a", `${quiet}SUB ${"x".repeat(1024)} 1\r\nPING\r\n`],
      ["a", `PUB ${"x".repeat(1024)} 1\r\na\r\nPING\r\n`],
    ],
    "a subject of 1,025 bytes": [["a", `${quiet}SUB ${"x".repeat(1025)} 1\r\nPING\r\n`]],
    "a subject of 256 tokens": [
      ["a", `${quiet}SUB ${"a.".repeat(255)}a 1\r\nPING\r\n`],
      ["a", `PUB ${"a.".repeat(255)}a 1\r\na\r\nPING\r\n`],
    ],
    "a subject of 257 tokens": `${quiet}SUB ${"a.".repeat(256)}a 1\r\nPING\r\n`,
    "a thousand subscriptions": [
      ["a", `${quiet}${Array.from({ length: 1000 }, (_, i) => `SUB foo.${i} ${i}\r\n`).join("")}PING\r\n`],
      ["a", "PUB foo.0 1\r\na\r\nPUB foo.999 1\r\nb\r\nPUB foo.1000 1\r\nc\r\nPING\r\n"],
    ],
  },
};
