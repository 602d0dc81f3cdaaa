// SPDX-License-Identifier: Apache-2.0
import { noEcho, quiet, type Theme } from "../src/script.ts";

const pub = (subject: string, payload: string): string => `PUB ${subject} 1\r\n${payload}\r\n`;

/** Protocol sections 1.9 and 5.2. A sid `qx1` belongs to the group `x`: which member receives is not compared. */
export const queue: Theme = {
  about: "queue groups",
  scripts: {
    "deliver to their only member": `${quiet}SUB foo q 1\r\n${pub("foo", "a")}PING\r\n`,
    "deliver to one of two members on one connection": `${quiet}SUB foo x qx1\r\nSUB foo x qx2\r\n${pub("foo", "a")}${pub("foo", "b")}${pub("foo", "c")}PING\r\n`,
    "deliver to one of two members on two connections": [
      ["a", `${quiet}SUB foo x qx1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo x qx1\r\nPING\r\n`],
      ["a", `${pub("foo", "a")}${pub("foo", "b")}${pub("foo", "c")}${pub("foo", "d")}PING\r\n`],
    ],
    "deliver each message once to every group": `${quiet}SUB foo x 1\r\nSUB foo y 2\r\n${pub("foo", "a")}PING\r\n`,
    "deliver each message to one of two members of every group": `${quiet}SUB foo x qx1\r\nSUB foo x qx2\r\nSUB foo y qy3\r\nSUB foo y qy4\r\n${pub("foo", "a")}${pub("foo", "b")}PING\r\n`,
    "deliver beside plain subscriptions": `${quiet}SUB foo 1\r\nSUB foo 2\r\nSUB foo x qx1\r\nSUB foo x qx2\r\n${pub("foo", "a")}PING\r\n`,
    "span several subjects": `${quiet}SUB foo.* x qx1\r\nSUB foo.> x qx2\r\nSUB foo.bar x qx3\r\n${pub("foo.bar", "a")}${pub("foo.baz", "b")}${pub("foo.bar.baz", "c")}PING\r\n`,
    "span several subjects and connections": [
      ["a", `${quiet}SUB foo.* x qx1\r\nPING\r\n`],
      ["b", `${quiet}SUB *.bar x qx1\r\nPING\r\n`],
      ["c", `${quiet}SUB > x qx1\r\nPING\r\n`],
      ["d", `${quiet}${pub("foo.bar", "a")}${pub("x.bar", "b")}${pub("foo.x", "c")}${pub("x.y.z", "d")}PING\r\n`],
    ],
    "distinguish upper and lower case in names": `${quiet}SUB foo x 1\r\nSUB foo X 2\r\n${pub("foo", "a")}PING\r\n`,
    "accept a name that is not a valid subject": `${quiet}SUB foo a..*.>. 1\r\n${pub("foo", "a")}PING\r\n`,
    "accept a name with UTF-8": `${quiet}SUB foo \xc3\xa9 1\r\n${pub("foo", "a")}PING\r\n`,
    "accept a name with invalid UTF-8": `${quiet}SUB foo \xff 1\r\nSUB foo \xfe 2\r\n${pub("foo", "a")}PING\r\n`,
    "reject the reserved name _sys_": `${quiet}SUB foo _sys_ 1\r\nPING\r\n`,
    "reject a bad subject": `${quiet}SUB foo..bar x 1\r\nPING\r\n`,
    "deliver to the other member after one unsubscribed": [
      ["a", `${quiet}SUB foo x 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo x 2\r\nPING\r\n`],
      ["a", "UNSUB 1\r\nPING\r\n"],
      ["b", `${pub("foo", "a")}${pub("foo", "b")}PING\r\n`],
    ],
    "deliver to the other member after one was closed": [
      ["a", `${quiet}SUB foo x 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo x 2\r\nPING\r\n`],
      ["a", "X", "closed"],
      ["b", `${pub("foo", "a")}${pub("foo", "b")}PING\r\n`],
    ],
    "deliver to the other member if the publisher has no echo": [
      ["a", `${noEcho}SUB foo x 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo x 2\r\nPING\r\n`],
      ["a", `${pub("foo", "a")}${pub("foo", "b")}${pub("foo", "c")}PING\r\n`],
    ],
    "deliver to no member if the publisher is the only connection (no echo)": `${noEcho}SUB foo x 1\r\nSUB foo x 2\r\n${pub("foo", "a")}PING\r\n`,
    "deliver to the other member after one reached its max": `${quiet}SUB foo x 1\r\nUNSUB 1 1\r\n${pub("foo", "a")}SUB foo x 2\r\n${pub("foo", "b")}PING\r\n`,
    "deliver once if a sid subscribes twice": `${quiet}SUB foo x qx1\r\nSUB foo x qx1\r\n${pub("foo", "a")}PING\r\n`,
  },
};
