// SPDX-License-Identifier: Apache-2.0
import { noEcho, quiet, type Theme } from "../src/script.ts";

const pub = (subject: string, payload: string): string => `PUB ${subject} 1\r\n${payload}\r\n`;

/** Protocol sections 1.9 and 5.2. A sid `qx1` belongs to the group `x`: which member receives is not compared. */
export const queue: Theme = {
  about: "queue groups",
  scripts: {
    "a group of one": `${quiet}SUB foo q 1\r\n${pub("foo", "a")}PING\r\n`,
    "one of two on one connection": `${quiet}SUB foo x qx1\r\nSUB foo x qx2\r\n${pub("foo", "a")}${pub("foo", "b")}${pub("foo", "c")}PING\r\n`,
    "one of two on two connections": [
      ["a", `${quiet}SUB foo x qx1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo x qx1\r\nPING\r\n`],
      ["a", `${pub("foo", "a")}${pub("foo", "b")}${pub("foo", "c")}${pub("foo", "d")}PING\r\n`],
    ],
    "two groups receive each": `${quiet}SUB foo x 1\r\nSUB foo y 2\r\n${pub("foo", "a")}PING\r\n`,
    "two groups of two": `${quiet}SUB foo x qx1\r\nSUB foo x qx2\r\nSUB foo y qy3\r\nSUB foo y qy4\r\n${pub("foo", "a")}${pub("foo", "b")}PING\r\n`,
    "a group and plain subscriptions": `${quiet}SUB foo 1\r\nSUB foo 2\r\nSUB foo x qx1\r\nSUB foo x qx2\r\n${pub("foo", "a")}PING\r\n`,
    "one group over several subjects is one group": `${quiet}SUB foo.* x qx1\r\nSUB foo.> x qx2\r\nSUB foo.bar x qx3\r\n${pub("foo.bar", "a")}${pub("foo.baz", "b")}${pub("foo.bar.baz", "c")}PING\r\n`,
    "one group over several subjects and connections": [
      ["a", `${quiet}SUB foo.* x qx1\r\nPING\r\n`],
      ["b", `${quiet}SUB *.bar x qx1\r\nPING\r\n`],
      ["c", `${quiet}SUB > x qx1\r\nPING\r\n`],
      ["d", `${quiet}${pub("foo.bar", "a")}${pub("x.bar", "b")}${pub("foo.x", "c")}${pub("x.y.z", "d")}PING\r\n`],
    ],
    "names tell upper from lower case": `${quiet}SUB foo x 1\r\nSUB foo X 2\r\n${pub("foo", "a")}PING\r\n`,
    "a name is no subject": `${quiet}SUB foo a..*.>. 1\r\n${pub("foo", "a")}PING\r\n`,
    "a name of UTF-8": `${quiet}SUB foo \xc3\xa9 1\r\n${pub("foo", "a")}PING\r\n`,
    "a name that is no UTF-8": `${quiet}SUB foo \xff 1\r\nSUB foo \xfe 2\r\n${pub("foo", "a")}PING\r\n`,
    "a name that the server keeps for itself": `${quiet}SUB foo _sys_ 1\r\nPING\r\n`,
    "a bad subject": `${quiet}SUB foo..bar x 1\r\nPING\r\n`,
    "the other receives when one has left": [
      ["a", `${quiet}SUB foo x 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo x 2\r\nPING\r\n`],
      ["a", "UNSUB 1\r\nPING\r\n"],
      ["b", `${pub("foo", "a")}${pub("foo", "b")}PING\r\n`],
    ],
    "the other receives when one is closed": [
      ["a", `${quiet}SUB foo x 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo x 2\r\nPING\r\n`],
      ["a", "X", "closed"],
      ["b", `${pub("foo", "a")}${pub("foo", "b")}PING\r\n`],
    ],
    "the other receives when echo is off": [
      ["a", `${noEcho}SUB foo x 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo x 2\r\nPING\r\n`],
      ["a", `${pub("foo", "a")}${pub("foo", "b")}${pub("foo", "c")}PING\r\n`],
    ],
    "nobody receives when there is no other": `${noEcho}SUB foo x 1\r\nSUB foo x 2\r\n${pub("foo", "a")}PING\r\n`,
    "the others receive when one has had its max": `${quiet}SUB foo x 1\r\nUNSUB 1 1\r\n${pub("foo", "a")}SUB foo x 2\r\n${pub("foo", "b")}PING\r\n`,
    "one group twice on one connection counts once": `${quiet}SUB foo x qx1\r\nSUB foo x qx1\r\n${pub("foo", "a")}PING\r\n`,
  },
};
