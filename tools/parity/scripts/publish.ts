// SPDX-License-Identifier: Apache-2.0
import { pedantic, quiet, type Theme } from "../src/script.ts";

const every = `${quiet}SUB > 1\r\n`;

/** Protocol sections 1.6, 1.8 and 2.1: PUB. */
export const publish: Theme = {
  about: "PUB",
  scripts: {
    "delivers to its own connection": `${quiet}SUB foo 1\r\nPUB foo 5\r\nhello\r\nPING\r\n`,
    "delivers the reply subject": `${quiet}SUB foo 1\r\nPUB foo bar 5\r\nhello\r\nPING\r\n`,
    "delivers to another connection": [
      ["a", `${quiet}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}PUB foo 5\r\nhello\r\nPING\r\n`],
    ],
    "is accepted without a subscriber": `${quiet}PUB foo 5\r\nhello\r\nPING\r\n`,
    "delivers an empty payload": `${quiet}SUB foo 1\r\nPUB foo 0\r\n\r\nPING\r\n`,
    "delivers a payload that contains control lines": `${quiet}SUB foo 1\r\nPUB foo 21\r\na\r\nPONG\r\nUNSUB 1\r\nx\r\n\r\nPING\r\n`,
    "delivers a payload of every byte value": `${every}PUB foo 256\r\n${Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join("")}\r\nPING\r\n`,
    "delivers a payload of 100,000 bytes": [
      ["a", every],
      ["a", `PUB foo 100000\r\n${"x".repeat(100_000)}\r\nPING\r\n`],
    ],
    "delivers twenty messages of one write in order": `${every}${Array.from({ length: 20 }, (_, i) => `PUB foo.${i} 2\r\n${10 + i}\r\n`).join("")}PING\r\n`,
    "is decoded in pieces that are cut in the payload": [
      ["a", `${every}PUB foo 5\r\nhe`, "more"],
      ["a", "ll", "more"],
      ["a", "o\r\nPING\r\n"],
    ],
    "is decoded in pieces that are cut after the payload": [
      ["a", `${every}PUB foo 5\r\nhello`, "more"],
      ["a", "\r\nPING\r\n"],
    ],
    "is decoded in pieces that are cut between CR and LF": [
      ["a", `${every}PUB foo 5\r\nhello\r`, "more"],
      ["a", "\nPING\r\n"],
    ],
    "closes the connection if the payload ends in LF alone": [["a", `${every}PUB foo 5\r\nhello\nPING\r\n`, "closed"]],
    "closes the connection if the payload ends in CR and a letter": [["a", `${every}PUB foo 5\r\nhello\rX`, "closed"]],
    "closes the connection if the payload is one byte short": [
      ["a", `${every}PUB foo 5\r\nhell\r\nPING\r\n`, "closed"],
    ],
    "closes the connection if the payload is one byte long": [["a", `${every}PUB foo 5\r\nhello!\r\n`, "closed"]],
    "closes the connection if a blank follows the payload": [["a", `${every}PUB foo 2\r\nok \r\n`, "closed"]],
    "closes the connection if the end of a later piece is wrong": [
      ["a", `${every}PUB foo 5\r\nhel`, "more"],
      ["a", "loX\r\n", "closed"],
    ],
    "closes the connection if the size is missing": [["a", `${quiet}PUB foo\r\n`, "closed"]],
    "closes the connection if the size is missing after a reply subject": [
      ["a", `${quiet}PUB foo bar   \r\n`, "closed"],
    ],
    "closes the connection if it has four arguments": [["a", `${quiet}PUB foo bar baz 5\r\nhello\r\n`, "closed"]],
    "closes the connection if it has five arguments": [["a", `${quiet}PUB foo bar baz bat 5\r\nhello\r\n`, "closed"]],
    "accepts a size with leading zeros": `${every}PUB foo 000000005\r\nhello\r\nPING\r\n`,
    "closes the connection if the size has ten digits": [["a", `${quiet}PUB foo 0000000005\r\n`, "closed"]],
    "closes the connection if the size has sixty-four digits": [
      ["a", `${quiet}PUB foo ${"3".repeat(64)}\r\n`, "closed"],
    ],
    "closes the connection if the size is negative": [["a", `${quiet}PUB foo -5\r\n`, "closed"]],
    "closes the connection if the size has a plus sign": [["a", `${quiet}PUB foo +5\r\n`, "closed"]],
    "closes the connection if a letter follows the size": [["a", `${quiet}PUB foo 5x\r\n`, "closed"]],
    "closes the connection if the size is hexadecimal": [["a", `${quiet}PUB foo 0x5\r\n`, "closed"]],
    "closes the connection if the size is a fraction": [["a", `${quiet}PUB foo 1.5\r\n`, "closed"]],
    "answers a PING before it closes the connection for a wrong size": [
      ["a", `${quiet}PING\r\nPUB foo x\r\n`, "closed"],
    ],
    "rejects a subject with an empty token": `${every}PUB foo..bar 2\r\nok\r\nPING\r\n`,
    "rejects a subject that ends in a dot": `${every}PUB foo. 2\r\nok\r\nPING\r\n`,
    "rejects a subject that begins with a dot": `${every}PUB .foo 2\r\nok\r\nPING\r\n`,
    "rejects a subject that is a dot": `${every}PUB . 2\r\nok\r\nPING\r\n`,
    "rejects a subject with control bytes": `${every}PUB f\x01\x7f 2\r\nok\r\nPING\r\n`,
    "rejects a subject with NUL": `${every}PUB f\0o 2\r\nok\r\nPING\r\n`,
    "rejects a subject with invalid UTF-8": `${every}PUB f\xff 2\r\nok\r\nPING\r\n`,
    "delivers to a subject with UTF-8": `${every}PUB f\xc3\xa9.\xf0\x9f\x98\x80 2\r\nok\r\nPING\r\n`,
    "rejects a reply subject with a control byte": `${every}PUB foo r\x01 2\r\nok\r\nPING\r\n`,
    "rejects a reply subject with an empty token and a wildcard": `${every}PUB foo bar..* 2\r\nok\r\nPING\r\n`,
    "accepts a subject of 1,024 bytes": [
      ["a", every],
      ["a", `PUB ${"x".repeat(1024)} 2\r\nok\r\nPING\r\n`],
    ],
    "accepts a subject of 256 tokens": [
      ["a", every],
      ["a", `PUB ${"a.".repeat(255)}a 2\r\nok\r\nPING\r\n`],
    ],
    "accepts a subject of 1,025 bytes": [
      ["a", every],
      ["a", `PUB ${"x".repeat(1025)} 2\r\nok\r\nPING\r\n`],
    ],
    "accepts a subject of 257 tokens": [
      ["a", every],
      ["a", `PUB ${"a.".repeat(256)}a 2\r\nok\r\nPING\r\n`],
    ],
    "rejects a subject of gateways (_GR_.)": `${every}PUB _GR_.x 2\r\nok\r\nPING\r\n`,
    "accepts a subject that only begins like one of gateways (_GR_x)": `${every}PUB _GR_x 2\r\nok\r\nPING\r\n`,
    "rejects a reply subject of service imports (_R_.)": `${every}PUB foo _R_.x 2\r\nok\r\nPING\r\n`,
    "rejects the prefix of service imports as a reply subject": `${every}PUB foo _R_. 2\r\nok\r\nPING\r\n`,
    "rejects a reply subject of gateways (_GR_.)": `${every}PUB foo _GR_.x 2\r\nok\r\nPING\r\n`,
    "rejects a reply subject of JetStream ($JS.ACK.)": `${every}PUB foo $JS.ACK.x 2\r\nok\r\nPING\r\n`,
    "rejects the prefix of JetStream as a reply subject": `${every}PUB foo $JS.ACK. 2\r\nok\r\nPING\r\n`,
    "delivers to subjects that begin with a dollar sign": `${every}PUB $SYS.x 1\r\na\r\nPUB $JS.x 1\r\nb\r\nPUB $KV.x 1\r\nc\r\nPING\r\n`,
    "escapes quotes and backslashes of a rejected subject in -ERR": `${quiet}PUB _GR_."\\\xc3\xa9 0\r\n\r\nPING\r\n`,
    "reports a * token and delivers the message (pedantic)": `${pedantic}SUB > 1\r\nPUB foo.* 2\r\nok\r\nPING\r\n`,
    "reports > as the last token and delivers the message (pedantic)": `${pedantic}SUB > 1\r\nPUB foo.> 2\r\nok\r\nPING\r\n`,
    "reports > as a middle token and delivers the message (pedantic)": `${pedantic}SUB > 1\r\nPUB foo.>.bar 2\r\nok\r\nPING\r\n`,
    "reports an empty token (pedantic)": `${pedantic}SUB > 1\r\nPUB foo..bar 2\r\nok\r\nPING\r\n`,
    "accepts * and > within longer tokens (pedantic)": `${pedantic}SUB > 1\r\nPUB foo*.>> 2\r\nok\r\nPING\r\n`,
    "reports a * token once if the payload follows later (pedantic)": [
      ["a", `${pedantic}SUB > 1\r\nPUB foo.* 2\r\no`, "more"],
      ["a", "k\r\nPING\r\n"],
    ],
    "does not check the reply subject (pedantic)": `${pedantic}SUB > 1\r\nPUB foo bar.* 2\r\nok\r\nPING\r\n`,
  },
};
