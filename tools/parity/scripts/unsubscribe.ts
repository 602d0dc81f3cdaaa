// SPDX-License-Identifier: Apache-2.0
import { noEcho, quiet, requester, type Theme } from "../src/script.ts";

const foo = `${quiet}SUB foo 1\r\n`;
const pub = (payload: string): string => `PUB foo 1\r\n${payload}\r\n`;

/** Protocol section 5.3: UNSUB, now or after `max` messages. */
export const unsubscribe: Theme = {
  about: "UNSUB",
  scripts: {
    "ends a subscription at once": `${foo}UNSUB 1\r\n${pub("a")}PING\r\n`,
    "ends a subscription between two messages": `${foo}${pub("a")}UNSUB 1\r\n${pub("b")}PING\r\n`,
    "ignores an unknown sid": `${quiet}UNSUB 99\r\nPING\r\n`,
    "ignores a max for an unknown sid": `${quiet}UNSUB 1 1\r\nSUB foo 1\r\n${pub("a")}${pub("b")}PING\r\n`,
    "ignores a second UNSUB of the same sid": `${foo}UNSUB 1\r\nUNSUB 1\r\n${pub("a")}PING\r\n`,
    "does not end a subscription of another connection": [
      ["a", `${foo}PING\r\n`],
      ["b", `${quiet}UNSUB 1\r\n${pub("a")}PING\r\n`],
    ],
    "ends the subscription after two messages (max 2)": `${foo}UNSUB 1 2\r\n${pub("a")}${pub("b")}${pub("c")}PING\r\n`,
    "ends the subscription after one message (max 1)": `${foo}UNSUB 1 1\r\n${pub("a")}${pub("b")}PING\r\n`,
    "counts messages that were delivered before it": `${foo}${pub("a")}UNSUB 1 2\r\n${pub("b")}${pub("c")}PING\r\n`,
    "ends the subscription at once if max messages were delivered": `${foo}${pub("a")}${pub("b")}UNSUB 1 2\r\n${pub("c")}PING\r\n`,
    "ends the subscription at once if more than max were delivered": `${foo}${pub("a")}${pub("b")}UNSUB 1 1\r\n${pub("c")}PING\r\n`,
    "ends the subscription at once if max is 0": `${foo}UNSUB 1 0\r\n${pub("a")}PING\r\n`,
    "accepts a max with leading zeros": `${foo}UNSUB 1 0002\r\n${pub("a")}${pub("b")}${pub("c")}PING\r\n`,
    "accepts a max of nine digits": `${foo}UNSUB 1 999999999\r\n${pub("a")}${pub("b")}PING\r\n`,
    "ends the subscription at once if max has ten digits": `${foo}UNSUB 1 1000000000\r\n${pub("a")}PING\r\n`,
    "closes the connection if max is not a number": `${foo}UNSUB 1 abc\r\n${pub("a")}PING\r\n`,
    "closes the connection if max is negative": `${foo}UNSUB 1 -1\r\n${pub("a")}PING\r\n`,
    "closes the connection if max has a plus sign": `${foo}UNSUB 1 +1\r\n${pub("a")}PING\r\n`,
    "accepts a blank after max": `${foo}UNSUB 1 1 \r\n${pub("a")}${pub("b")}PING\r\n`,
    "raises max": `${foo}UNSUB 1 1\r\nUNSUB 1 2\r\n${pub("a")}${pub("b")}${pub("c")}PING\r\n`,
    "lowers max": `${foo}UNSUB 1 3\r\nUNSUB 1 1\r\n${pub("a")}${pub("b")}PING\r\n`,
    "ends the subscription at once after an UNSUB with max": `${foo}UNSUB 1 3\r\nUNSUB 1\r\n${pub("a")}PING\r\n`,
    "ends the subscription at once if max becomes 0": `${foo}UNSUB 1 3\r\nUNSUB 1 0\r\n${pub("a")}PING\r\n`,
    "accepts the sid again after the last message": `${foo}UNSUB 1 1\r\n${pub("a")}SUB bar 1\r\n${pub("b")}PUB bar 1\r\nc\r\nPING\r\n`,
    "counts from zero for a new subscription with the same sid": `${foo}${pub("a")}UNSUB 1\r\nSUB foo 1\r\nUNSUB 1 1\r\n${pub("b")}${pub("c")}PING\r\n`,
    "keeps max if SUB repeats the sid": `${foo}UNSUB 1 1\r\nSUB foo 1\r\n${pub("a")}${pub("b")}PING\r\n`,
    "counts each subscription's messages for its own max": `${foo}SUB foo 2\r\nUNSUB 1 1\r\nUNSUB 2 2\r\n${pub("a")}${pub("b")}${pub("c")}PING\r\n`,
    "counts messages to a pattern": `${quiet}SUB foo.> 1\r\nUNSUB 1 2\r\nPUB foo.a 1\r\na\r\nPUB foo.b 1\r\nb\r\nPUB foo.c 1\r\nc\r\nPING\r\n`,
    "counts messages of other connections": [
      ["a", `${foo}UNSUB 1 2\r\nPING\r\n`],
      ["b", `${quiet}${pub("a")}PING\r\n`],
      ["a", `${pub("b")}${pub("c")}PING\r\n`],
    ],
    "does not count messages that are not echoed": [
      ["a", `${noEcho}SUB foo 1\r\nUNSUB 1 1\r\n${pub("a")}PING\r\n`],
      ["b", `${quiet}${pub("b")}${pub("c")}PING\r\n`],
    ],
    "does not count a 503 status": `${requester}SUB in 1\r\nUNSUB 1 1\r\nPUB nobody in 0\r\n\r\nPUB in 1\r\na\r\nPUB in 1\r\nb\r\nPING\r\n`,
    "counts each queue group member's own messages": [
      ["a", `${quiet}SUB foo q 1\r\nUNSUB 1 1\r\n${pub("a")}${pub("b")}PING\r\n`],
      ["b", `${quiet}SUB foo q 1\r\n${pub("c")}PING\r\n`],
    ],
    "closes the connection if the sid is missing": [["a", `${quiet}UNSUB  \r\n`, "closed"]],
    "closes the connection if it has three arguments": [["a", `${quiet}UNSUB 1 2 3\r\n`, "closed"]],
  },
};
