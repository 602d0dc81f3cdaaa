// SPDX-License-Identifier: Apache-2.0
import { quiet, type Theme, verbose } from "../src/script.ts";

/** Protocol section 3.5: when there is a `+OK`, and where it stands. */
export const acknowledgements: Theme = {
  about: "verbose",
  scripts: {
    SUB: `${verbose}SUB foo 1\r\nPING\r\n`,
    "SUB with a queue group": `${verbose}SUB foo q 1\r\nPING\r\n`,
    "SUB of a sid in use": `${verbose}SUB foo 1\r\nSUB bar 1\r\nPING\r\n`,
    "SUB that is refused": `${verbose}SUB foo..bar 1\r\nPING\r\n`,
    UNSUB: `${verbose}SUB foo 1\r\nUNSUB 1\r\nPING\r\n`,
    "UNSUB of an unknown sid": `${verbose}UNSUB 99\r\nPING\r\n`,
    "UNSUB with max": `${verbose}SUB foo 1\r\nUNSUB 1 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "PUB: before the message comes back": `${verbose}SUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "PUB to nobody": `${verbose}PUB foo 1\r\na\r\nPING\r\n`,
    "PUB that is refused": `${verbose}PUB _GR_.x 1\r\na\r\nPING\r\n`,
    "PUB that pedantic complains of": 'CONNECT {"pedantic":true}\r\nSUB > 1\r\nPUB foo.* 1\r\na\r\nPING\r\n',
    "PUB with an empty token that pedantic complains of":
      'CONNECT {"pedantic":true}\r\nPUB foo..bar 1\r\na\r\nPING\r\n',
    "PUB whose payload comes later": [
      ["a", `${verbose}PUB foo 2\r\na`, "more"],
      ["a", "b\r\nPING\r\n"],
    ],
    HPUB: 'CONNECT {"headers":true}\r\nSUB foo 1\r\nHPUB foo 12 14\r\nNATS/1.0\r\n\r\nok\r\nPING\r\n',
    "a status stands behind it":
      'CONNECT {"headers":true,"no_responders":true}\r\nSUB in 1\r\nPUB nobody in 0\r\n\r\nPING\r\n',
    "not for PING, PONG": `${verbose}PONG\r\nPING\r\nPING\r\n`,
    "every operation in order": `${verbose}SUB a 1\r\nPUB a 1\r\n1\r\nPING\r\nUNSUB 1\r\nPUB a 1\r\n2\r\nPING\r\nSUB . 2\r\nPING\r\n`,
    "only on the connection that wants it": [
      ["a", `${verbose}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n`],
    ],
  },
};
