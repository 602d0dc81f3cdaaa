// SPDX-License-Identifier: Apache-2.0
import { headers, quiet, type Theme, verbose } from "../src/script.ts";

const foo = `${headers}SUB foo 1\r\n`;
const x = (length: number): string => "x".repeat(length);

/** Protocol section 3.7 and 5.4: at each limit, one below and one above. */
export const maxPayload: Theme = {
  about: "max_payload (16 bytes)",
  ours: { maxPayload: 16 },
  real: "max_payload: 16",
  scripts: {
    "accepts 15 bytes": `${foo}PUB foo 15\r\n${x(15)}\r\nPING\r\n`,
    "accepts 16 bytes": `${foo}PUB foo 16\r\n${x(16)}\r\nPING\r\n`,
    "rejects 17 bytes before the payload": [["a", `${foo}PUB foo 17\r\n`, "closed"]],
    "rejects 17 bytes if the size has leading zeros": [["a", `${foo}PUB foo 000000017\r\n`, "closed"]],
    "rejects the largest size that can be written": [["a", `${foo}PUB foo 999999999\r\n`, "closed"]],
    "accepts 16 bytes of headers and payload": `${foo}HPUB foo 12 16\r\nNATS/1.0\r\n\r\nfour\r\nPING\r\n`,
    "rejects 17 bytes of headers and payload": [["a", `${foo}HPUB foo 12 17\r\n`, "closed"]],
    "closes the connection after answering earlier operations": [
      ["a", `${foo}PUB foo 1\r\na\r\nPING\r\nPUB foo 17\r\n`, "closed"],
    ],
    "is checked before the subject": [["a", `${foo}PUB _GR_.x 17\r\n`, "closed"]],
    "does not affect other connections": [
      ["b", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["a", `${quiet}PUB foo 17\r\n`, "closed"],
      ["b", "PUB foo 1\r\na\r\nPING\r\n"],
    ],
  },
};

/** nats-server counts the bytes after the verb and its blank, ours counts from the verb: 64 bytes after `SUB ` are 68. */
export const maxControlLine: Theme = {
  about: "max_control_line (64 bytes)",
  ours: { maxLine: 68 },
  real: "max_control_line: 64",
  scripts: {
    "accepts SUB one byte below the limit": `SUB ${x(61)} 1\r\nPING\r\n`,
    "accepts SUB at the limit": `SUB ${x(62)} 1\r\nPING\r\n`,
    "rejects SUB one byte above the limit": [["a", `SUB ${x(63)} 1\r\n`, "closed"]],
    "rejects SUB one byte above the limit that ends in LF": [["a", `SUB ${x(63)} 1\n`, "closed"]],
    "rejects SUB above the limit before its line ends": [["a", `SUB ${x(65)}`, "closed"]],
    "rejects SUB above the limit in two pieces": [
      ["a", `SUB ${x(40)}`, "more"],
      ["a", x(40), "closed"],
    ],
    "accepts PUB at the limit": `PUB ${x(62)} 1\r\na\r\nPING\r\n`,
    "rejects PUB one byte above the limit": [["a", `PUB ${x(63)} 1\r\na\r\n`, "closed"]],
    "rejects PUB above the limit with a reply subject": [["a", `PUB ${x(40)} ${x(40)} 1\r\na\r\n`, "closed"]],
    "counts blanks at the end of the line": [["a", `SUB foo 1${" ".repeat(61)}\r\n`, "closed"]],
    "rejects UNSUB far above the limit": [["a", `UNSUB ${x(80)}\r\n`, "closed"]],
    "accepts UNSUB at the limit of SUB": `UNSUB ${x(62)}\r\nPING\r\n`,
    "rejects UNSUB above the limit if the verb is counted": `UNSUB ${x(64)}\r\nPING\r\n`,
    "rejects CONNECT above the limit": [["a", `CONNECT {"name":"${x(64)}"}\r\n`, "closed"]],
    "closes the connection after answering earlier operations": [["a", `PING\r\nSUB ${x(63)} 1\r\n`, "closed"]],
    "does not limit payloads": `SUB foo 1\r\nPUB foo 100\r\n${x(100)}\r\nPING\r\n`,
  },
};

/** The default limit. */
export const usualControlLine: Theme = {
  about: "max_control_line (default)",
  scripts: {
    "accepts SUB at the limit": [
      ["a", quiet],
      ["a", `SUB ${x(4094)} 1\r\nPING\r\n`],
    ],
    "accepts PUB at the limit": [
      ["a", quiet],
      ["a", `PUB ${x(4094)} 0\r\n\r\nPING\r\n`],
    ],
    "accepts SUB one byte above nats-server's limit": [
      ["a", quiet],
      ["a", `SUB ${x(4095)} 1\r\nPING\r\n`],
    ],
    "rejects SUB far above the limit": [
      ["a", quiet],
      ["a", `SUB ${x(4500)} 1\r\n`, "closed"],
    ],
    "rejects a line that does not end": [
      ["a", quiet],
      ["a", `SUB ${x(10_000)}`, "closed"],
    ],
  },
};

export const maxSubscriptions: Theme = {
  about: "max_subscriptions (2)",
  ours: { maxSubscriptions: 2 },
  real: "max_subscriptions: 2",
  scripts: {
    "accepts two subscriptions": `${quiet}SUB a 1\r\nSUB b 2\r\nPUB a 0\r\n\r\nPUB b 0\r\n\r\nPING\r\n`,
    "rejects a third subscription, which receives nothing": `${quiet}SUB a 1\r\nSUB b 2\r\nSUB c 3\r\nPUB c 0\r\n\r\nPUB a 0\r\n\r\nPING\r\n`,
    "sends -ERR instead of +OK for the third subscription (verbose)": `${verbose}SUB a 1\r\nSUB b 2\r\nSUB c 3\r\nPING\r\n`,
    "accepts another subscription after UNSUB": `${quiet}SUB a 1\r\nSUB b 2\r\nUNSUB 1\r\nSUB c 3\r\nPUB c 0\r\n\r\nPING\r\n`,
    "accepts another subscription after one reached its max": `${quiet}SUB a 1\r\nUNSUB 1 1\r\nSUB b 2\r\nPUB a 0\r\n\r\nSUB c 3\r\nPUB c 0\r\n\r\nPING\r\n`,
    "rejects another subscription before one reaches its max": `${quiet}SUB a 1\r\nUNSUB 1 1\r\nSUB b 2\r\nSUB c 3\r\nPING\r\n`,
    "is checked before a sid that repeats": `${quiet}SUB a 1\r\nSUB b 2\r\nSUB c 1\r\nPING\r\n`,
    "does not count a rejected subscription": `${quiet}SUB a..b 1\r\nSUB a 1\r\nSUB b 2\r\nPING\r\n`,
    "counts members of queue groups": `${quiet}SUB a q 1\r\nSUB a q 2\r\nSUB a q 3\r\nPING\r\n`,
    "is checked before the validity of the subject": `${quiet}SUB a 1\r\nSUB b 2\r\nSUB c..d 3\r\nPING\r\n`,
    "counts each connection's own subscriptions": [
      ["a", `${quiet}SUB a 1\r\nSUB b 2\r\nPING\r\n`],
      ["b", `${quiet}SUB a 1\r\nSUB b 2\r\nPUB a 0\r\n\r\nPING\r\n`],
    ],
  },
};

export const maxTokens: Theme = {
  about: "max_subscription_tokens (3)",
  ours: { maxTokens: 3 },
  real: "max_subscription_tokens: 3",
  scripts: {
    "accepts two tokens": `${quiet}SUB a.b 1\r\nPING\r\n`,
    "accepts three tokens": `${quiet}SUB a.b.c 1\r\nPUB a.b.c 1\r\na\r\nPING\r\n`,
    "rejects four tokens": `${quiet}SUB a.b.c.d 1\r\nPING\r\n`,
    "rejects four tokens with a queue group": `${quiet}SUB a.b.c.d q 1\r\nPING\r\n`,
    "rejects four tokens of which the last is >": `${quiet}SUB a.b.c.> 1\r\nPING\r\n`,
  },
};

export const maxConnections: Theme = {
  about: "max_connections (2)",
  ours: { maxConnections: 2 },
  real: "max_connections: 2",
  alone: true,
  scripts: {
    "accepts two connections": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}PUB foo 1\r\na\r\nPING\r\n`],
    ],
    "closes a third connection after its INFO": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}PING\r\n`],
      ["c", "", "closed"],
      ["b", "PUB foo 1\r\na\r\nPING\r\n"],
    ],
    "closes a fourth connection after its INFO": [
      ["a", "PING\r\n"],
      ["b", "PING\r\n"],
      ["c", "", "closed"],
      ["d", "", "closed"],
      ["a", "PING\r\n"],
    ],
  },
};
