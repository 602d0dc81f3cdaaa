// SPDX-License-Identifier: Apache-2.0
import { noEcho, quiet, requester, type Theme } from "../src/script.ts";

const foo = `${quiet}SUB foo 1\r\n`;
const pub = (payload: string): string => `PUB foo 1\r\n${payload}\r\n`;

/** Protocol section 5.3: UNSUB, now or after `max` messages. */
export const unsubscribe: Theme = {
  about: "UNSUB",
  scripts: {
    "it ends at once": `${foo}UNSUB 1\r\n${pub("a")}PING\r\n`,
    "it ends between two messages": `${foo}${pub("a")}UNSUB 1\r\n${pub("b")}PING\r\n`,
    "an unknown sid": `${quiet}UNSUB 99\r\nPING\r\n`,
    "an unknown sid with max": `${quiet}UNSUB 1 1\r\nSUB foo 1\r\n${pub("a")}${pub("b")}PING\r\n`,
    twice: `${foo}UNSUB 1\r\nUNSUB 1\r\n${pub("a")}PING\r\n`,
    "the sid of another connection": [
      ["a", `${foo}PING\r\n`],
      ["b", `${quiet}UNSUB 1\r\n${pub("a")}PING\r\n`],
    ],
    "after two messages": `${foo}UNSUB 1 2\r\n${pub("a")}${pub("b")}${pub("c")}PING\r\n`,
    "after one message": `${foo}UNSUB 1 1\r\n${pub("a")}${pub("b")}PING\r\n`,
    "one message before it and one behind": `${foo}${pub("a")}UNSUB 1 2\r\n${pub("b")}${pub("c")}PING\r\n`,
    "as many as have come": `${foo}${pub("a")}${pub("b")}UNSUB 1 2\r\n${pub("c")}PING\r\n`,
    "fewer than have come": `${foo}${pub("a")}${pub("b")}UNSUB 1 1\r\n${pub("c")}PING\r\n`,
    "max 0 is now": `${foo}UNSUB 1 0\r\n${pub("a")}PING\r\n`,
    "max with zeros before it": `${foo}UNSUB 1 0002\r\n${pub("a")}${pub("b")}${pub("c")}PING\r\n`,
    "max of nine digits": `${foo}UNSUB 1 999999999\r\n${pub("a")}${pub("b")}PING\r\n`,
    "max of ten digits": `${foo}UNSUB 1 1000000000\r\n${pub("a")}PING\r\n`,
    "max that is no number": `${foo}UNSUB 1 abc\r\n${pub("a")}PING\r\n`,
    "max below 0": `${foo}UNSUB 1 -1\r\n${pub("a")}PING\r\n`,
    "max with a plus": `${foo}UNSUB 1 +1\r\n${pub("a")}PING\r\n`,
    "max and a blank": `${foo}UNSUB 1 1 \r\n${pub("a")}${pub("b")}PING\r\n`,
    "max is raised": `${foo}UNSUB 1 1\r\nUNSUB 1 2\r\n${pub("a")}${pub("b")}${pub("c")}PING\r\n`,
    "max is lowered": `${foo}UNSUB 1 3\r\nUNSUB 1 1\r\n${pub("a")}${pub("b")}PING\r\n`,
    "max, and then at once": `${foo}UNSUB 1 3\r\nUNSUB 1\r\n${pub("a")}PING\r\n`,
    "max, and then 0": `${foo}UNSUB 1 3\r\nUNSUB 1 0\r\n${pub("a")}PING\r\n`,
    "the sid is free behind the last message": `${foo}UNSUB 1 1\r\n${pub("a")}SUB bar 1\r\n${pub("b")}PUB bar 1\r\nc\r\nPING\r\n`,
    "a subscription anew counts anew": `${foo}${pub("a")}UNSUB 1\r\nSUB foo 1\r\nUNSUB 1 1\r\n${pub("b")}${pub("c")}PING\r\n`,
    "SUB of the sid in use keeps max": `${foo}UNSUB 1 1\r\nSUB foo 1\r\n${pub("a")}${pub("b")}PING\r\n`,
    "two subscriptions, each with its max": `${foo}SUB foo 2\r\nUNSUB 1 1\r\nUNSUB 2 2\r\n${pub("a")}${pub("b")}${pub("c")}PING\r\n`,
    "max of a pattern": `${quiet}SUB foo.> 1\r\nUNSUB 1 2\r\nPUB foo.a 1\r\na\r\nPUB foo.b 1\r\nb\r\nPUB foo.c 1\r\nc\r\nPING\r\n`,
    "max with messages of another connection": [
      ["a", `${foo}UNSUB 1 2\r\nPING\r\n`],
      ["b", `${quiet}${pub("a")}PING\r\n`],
      ["a", `${pub("b")}${pub("c")}PING\r\n`],
    ],
    "messages that do not come back are not counted": [
      ["a", `${noEcho}SUB foo 1\r\nUNSUB 1 1\r\n${pub("a")}PING\r\n`],
      ["b", `${quiet}${pub("b")}${pub("c")}PING\r\n`],
    ],
    "a status is not counted": `${requester}SUB in 1\r\nUNSUB 1 1\r\nPUB nobody in 0\r\n\r\nPUB in 1\r\na\r\nPUB in 1\r\nb\r\nPING\r\n`,
    "members of a queue group count their own": [
      ["a", `${quiet}SUB foo q 1\r\nUNSUB 1 1\r\n${pub("a")}${pub("b")}PING\r\n`],
      ["b", `${quiet}SUB foo q 1\r\n${pub("c")}PING\r\n`],
    ],
    "no sid": [["a", `${quiet}UNSUB  \r\n`, "closed"]],
    "three arguments": [["a", `${quiet}UNSUB 1 2 3\r\n`, "closed"]],
  },
};
