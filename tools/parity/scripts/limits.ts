// SPDX-License-Identifier: Apache-2.0
import { headers, quiet, type Theme, verbose } from "../src/script.ts";

const foo = `${headers}SUB foo 1\r\n`;
const x = (length: number): string => "x".repeat(length);

/** Protocol section 3.7 and 5.4: at each limit, one below and one above. */
export const maxPayload: Theme = {
  about: "a payload of at most 16 bytes",
  ours: { maxPayload: 16 },
  real: "max_payload: 16",
  scripts: {
    "15 bytes": `${foo}PUB foo 15\r\n${x(15)}\r\nPING\r\n`,
    "16 bytes": `${foo}PUB foo 16\r\n${x(16)}\r\nPING\r\n`,
    "17 bytes are refused at the line": [["a", `${foo}PUB foo 17\r\n`, "closed"]],
    "17 bytes, written with zeros": [["a", `${foo}PUB foo 000000017\r\n`, "closed"]],
    "the largest size that can be written": [["a", `${foo}PUB foo 999999999\r\n`, "closed"]],
    "with headers, 16 bytes together": `${foo}HPUB foo 12 16\r\nNATS/1.0\r\n\r\nfour\r\nPING\r\n`,
    "with headers, 17 bytes together": [["a", `${foo}HPUB foo 12 17\r\n`, "closed"]],
    "what came before is answered": [["a", `${foo}PUB foo 1\r\na\r\nPING\r\nPUB foo 17\r\n`, "closed"]],
    "a subject that is refused, and too large": [["a", `${foo}PUB _GR_.x 17\r\n`, "closed"]],
    "others are not touched": [
      ["b", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["a", `${quiet}PUB foo 17\r\n`, "closed"],
      ["b", "PUB foo 1\r\na\r\nPING\r\n"],
    ],
  },
};

/** The real server counts behind the verb and its blanks, ours from the verb: 64 bytes behind `SUB ` are 68. */
export const maxControlLine: Theme = {
  about: "a control line of at most 64 bytes",
  ours: { maxLine: 68 },
  real: "max_control_line: 64",
  scripts: {
    "SUB one byte below": `SUB ${x(61)} 1\r\nPING\r\n`,
    "SUB at the limit": `SUB ${x(62)} 1\r\nPING\r\n`,
    "SUB one byte above": [["a", `SUB ${x(63)} 1\r\n`, "closed"]],
    "SUB one byte above, with LF": [["a", `SUB ${x(63)} 1\n`, "closed"]],
    "SUB above without a line end": [["a", `SUB ${x(65)}`, "closed"]],
    "SUB in pieces, above": [
      ["a", `SUB ${x(40)}`, "more"],
      ["a", x(40), "closed"],
    ],
    "PUB at the limit": `PUB ${x(62)} 1\r\na\r\nPING\r\n`,
    "PUB one byte above": [["a", `PUB ${x(63)} 1\r\na\r\n`, "closed"]],
    "PUB with a reply subject above": [["a", `PUB ${x(40)} ${x(40)} 1\r\na\r\n`, "closed"]],
    "blanks at the end count": [["a", `SUB foo 1${" ".repeat(61)}\r\n`, "closed"]],
    "UNSUB far above": [["a", `UNSUB ${x(80)}\r\n`, "closed"]],
    "UNSUB at the limit of a longer verb": `UNSUB ${x(62)}\r\nPING\r\n`,
    "UNSUB between the two ways to count": `UNSUB ${x(64)}\r\nPING\r\n`,
    "CONNECT above": [["a", `CONNECT {"name":"${x(64)}"}\r\n`, "closed"]],
    "what came before is answered": [["a", `PING\r\nSUB ${x(63)} 1\r\n`, "closed"]],
    "a payload is no line": `SUB foo 1\r\nPUB foo 100\r\n${x(100)}\r\nPING\r\n`,
  },
};

/** The default limit. */
export const usualControlLine: Theme = {
  about: "the usual control line",
  // What else limits a subject is not looked at here.
  ours: { maxSubject: 5000 },
  scripts: {
    "SUB at the limit": [
      ["a", quiet],
      ["a", `SUB ${x(4094)} 1\r\nPING\r\n`],
    ],
    "PUB at the limit": [
      ["a", quiet],
      ["a", `PUB ${x(4094)} 0\r\n\r\nPING\r\n`],
    ],
    "SUB between the two ways to count": [
      ["a", quiet],
      ["a", `SUB ${x(4095)} 1\r\nPING\r\n`],
    ],
    "SUB far above": [
      ["a", quiet],
      ["a", `SUB ${x(4500)} 1\r\n`, "closed"],
    ],
    "an endless line": [
      ["a", quiet],
      ["a", `SUB ${x(10_000)}`, "closed"],
    ],
  },
};

export const maxSubscriptions: Theme = {
  about: "at most two subscriptions",
  ours: { maxSubscriptions: 2 },
  real: "max_subscriptions: 2",
  scripts: {
    two: `${quiet}SUB a 1\r\nSUB b 2\r\nPUB a 0\r\n\r\nPUB b 0\r\n\r\nPING\r\n`,
    "three: the third is not there": `${quiet}SUB a 1\r\nSUB b 2\r\nSUB c 3\r\nPUB c 0\r\n\r\nPUB a 0\r\n\r\nPING\r\n`,
    "no +OK for the third": `${verbose}SUB a 1\r\nSUB b 2\r\nSUB c 3\r\nPING\r\n`,
    "room again behind UNSUB": `${quiet}SUB a 1\r\nSUB b 2\r\nUNSUB 1\r\nSUB c 3\r\nPUB c 0\r\n\r\nPING\r\n`,
    "room again behind the last message": `${quiet}SUB a 1\r\nUNSUB 1 1\r\nSUB b 2\r\nPUB a 0\r\n\r\nSUB c 3\r\nPUB c 0\r\n\r\nPING\r\n`,
    "no room before the last message": `${quiet}SUB a 1\r\nUNSUB 1 1\r\nSUB b 2\r\nSUB c 3\r\nPING\r\n`,
    "a sid in use counts first": `${quiet}SUB a 1\r\nSUB b 2\r\nSUB c 1\r\nPING\r\n`,
    "a refused one takes no room": `${quiet}SUB a..b 1\r\nSUB a 1\r\nSUB b 2\r\nPING\r\n`,
    "queue groups count": `${quiet}SUB a q 1\r\nSUB a q 2\r\nSUB a q 3\r\nPING\r\n`,
    "a bad subject above the limit": `${quiet}SUB a 1\r\nSUB b 2\r\nSUB c..d 3\r\nPING\r\n`,
    "each connection has its own": [
      ["a", `${quiet}SUB a 1\r\nSUB b 2\r\nPING\r\n`],
      ["b", `${quiet}SUB a 1\r\nSUB b 2\r\nPUB a 0\r\n\r\nPING\r\n`],
    ],
  },
};

export const maxTokens: Theme = {
  about: "subjects of at most three tokens",
  ours: { maxTokens: 3 },
  real: "max_subscription_tokens: 3",
  scripts: {
    two: `${quiet}SUB a.b 1\r\nPING\r\n`,
    three: `${quiet}SUB a.b.c 1\r\nPUB a.b.c 1\r\na\r\nPING\r\n`,
    four: `${quiet}SUB a.b.c.d 1\r\nPING\r\n`,
    "four, of a queue group": `${quiet}SUB a.b.c.d q 1\r\nPING\r\n`,
    "four, of which the last is >": `${quiet}SUB a.b.c.> 1\r\nPING\r\n`,
  },
};

export const maxConnections: Theme = {
  about: "at most two connections",
  ours: { maxConnections: 2 },
  real: "max_connections: 2",
  alone: true,
  scripts: {
    two: [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}PUB foo 1\r\na\r\nPING\r\n`],
    ],
    "the third is closed behind its INFO": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}PING\r\n`],
      ["c", "", "closed"],
      ["b", "PUB foo 1\r\na\r\nPING\r\n"],
    ],
    "the fourth too": [
      ["a", "PING\r\n"],
      ["b", "PING\r\n"],
      ["c", "", "closed"],
      ["d", "", "closed"],
      ["a", "PING\r\n"],
    ],
  },
};
