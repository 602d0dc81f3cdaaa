// SPDX-License-Identifier: Apache-2.0
import { quiet, type Theme } from "../src/script.ts";

/** Protocol sections 1.7, 1.8 and 5.3: SUB. */
export const subscribe: Theme = {
  about: "SUB",
  scripts: {
    "receives messages to its subject only": `${quiet}SUB foo 1\r\nPUB foo 1\r\na\r\nPUB bar 1\r\nb\r\nPING\r\n`,
    "receives a message once for each sid": `${quiet}SUB foo 1\r\nSUB foo 2\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "receives messages on several connections": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["c", `${quiet}SUB bar 1\r\nPUB foo 1\r\na\r\nPING\r\n`],
    ],
    "ends with its connection": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["a", "X", "closed"],
      ["b", "PUB foo 1\r\na\r\nPING\r\n"],
    ],
    "receives messages in the order in which they are published": `${quiet}SUB foo 1\r\nPUB foo 1\r\na\r\nPUB foo 1\r\nb\r\nPUB foo 1\r\nc\r\nPING\r\n`,
    "accepts any text as a sid": `${quiet}SUB foo abc-_.*>\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "accepts a sid with a minus sign": `${quiet}SUB foo -1\r\nPUB foo 1\r\na\r\nUNSUB -1\r\nPUB foo 1\r\nb\r\nPING\r\n`,
    "distinguishes the sids 01 and 1": `${quiet}SUB foo 01\r\nSUB foo 1\r\nUNSUB 01\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "accepts a sid above every integer type": `${quiet}SUB foo 18446744073709551617\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "accepts a sid of a hundred bytes": `${quiet}SUB foo ${"s".repeat(100)}\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "accepts a sid with UTF-8": `${quiet}SUB foo \xc3\xa9\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "rejects a sid with invalid UTF-8": `${quiet}SUB foo \xff\xfe\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "keeps the first subscription if the sid is in use": `${quiet}SUB foo 1\r\nSUB bar 1\r\nPUB bar 1\r\na\r\nPUB foo 1\r\nb\r\nPING\r\n`,
    "keeps the first subscription if the subject of the second is bad": `${quiet}SUB foo 1\r\nSUB a..b 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "keeps the first subscription if the second has a queue group": `${quiet}SUB foo 1\r\nSUB foo q 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "accepts a sid that is in use on another connection": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB bar 1\r\nPUB foo 1\r\na\r\nPUB bar 1\r\nb\r\nPING\r\n`],
    ],
    "rejects an empty token": `${quiet}SUB foo..bar 1\r\nPING\r\n`,
    "rejects a subject that ends in a dot": `${quiet}SUB foo. 1\r\nPING\r\n`,
    "rejects a subject that begins with a dot": `${quiet}SUB .foo 1\r\nPING\r\n`,
    "rejects a subject that is a dot": `${quiet}SUB . 1\r\nPING\r\n`,
    "rejects > as a middle token": `${quiet}SUB foo.>.bar 1\r\nPING\r\n`,
    "rejects > as the first of two tokens": `${quiet}SUB >.foo 1\r\nPING\r\n`,
    "accepts the sid of a rejected SUB again": `${quiet}SUB a..b 1\r\nSUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "closes the connection if it has one argument": [["a", `${quiet}SUB foo\r\n`, "closed"]],
    "closes the connection if it has four arguments": [["a", `${quiet}SUB foo bar baz 22\r\n`, "closed"]],
    "distinguishes upper and lower case in subjects": `${quiet}SUB Foo 1\r\nPUB foo 1\r\na\r\nPUB Foo 1\r\nb\r\nPING\r\n`,
    "accepts a subject with UTF-8": `${quiet}SUB f\xc3\xa9 1\r\nPUB f\xc3\xa9 1\r\na\r\nPING\r\n`,
    "rejects a subject with control bytes": `${quiet}SUB f\x01\x7f 1\r\nPING\r\n`,
    "rejects a subject with NUL": `${quiet}SUB f\0o 1\r\nPING\r\n`,
    "rejects a subject with invalid UTF-8": `${quiet}SUB f\xff 1\r\nPING\r\n`,
    "accepts a subject of 1,024 bytes": [
      ["a", `${quiet}SUB ${"x".repeat(1024)} 1\r\nPING\r\n`],
      ["a", `PUB ${"x".repeat(1024)} 1\r\na\r\nPING\r\n`],
    ],
    "accepts a subject of 1,025 bytes": [["a", `${quiet}SUB ${"x".repeat(1025)} 1\r\nPING\r\n`]],
    "accepts a subject of 256 tokens": [
      ["a", `${quiet}SUB ${"a.".repeat(255)}a 1\r\nPING\r\n`],
      ["a", `PUB ${"a.".repeat(255)}a 1\r\na\r\nPING\r\n`],
    ],
    "accepts a subject of 257 tokens": `${quiet}SUB ${"a.".repeat(256)}a 1\r\nPING\r\n`,
    "accepts a thousand subscriptions": [
      ["a", `${quiet}${Array.from({ length: 1000 }, (_, i) => `SUB foo.${i} ${i}\r\n`).join("")}PING\r\n`],
      ["a", "PUB foo.0 1\r\na\r\nPUB foo.999 1\r\nb\r\nPUB foo.1000 1\r\nc\r\nPING\r\n"],
    ],
  },
};
