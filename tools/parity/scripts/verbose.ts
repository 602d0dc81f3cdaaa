// SPDX-License-Identifier: Apache-2.0
import { quiet, type Theme, verbose } from "../src/script.ts";

/** Protocol section 3.5: when there is a `+OK`, and where it stands. */
export const acknowledgements: Theme = {
  about: "+OK (verbose)",
  scripts: {
    "answers SUB": `${verbose}SUB foo 1\r\nPING\r\n`,
    "answers SUB with a queue group": `${verbose}SUB foo q 1\r\nPING\r\n`,
    "answers SUB with a sid that is in use": `${verbose}SUB foo 1\r\nSUB bar 1\r\nPING\r\n`,
    "does not answer a rejected SUB": `${verbose}SUB foo..bar 1\r\nPING\r\n`,
    "answers UNSUB": `${verbose}SUB foo 1\r\nUNSUB 1\r\nPING\r\n`,
    "answers UNSUB with an unknown sid": `${verbose}UNSUB 99\r\nPING\r\n`,
    "answers UNSUB with a max": `${verbose}SUB foo 1\r\nUNSUB 1 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "answers PUB before the message is delivered": `${verbose}SUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n`,
    "answers PUB without a subscriber": `${verbose}PUB foo 1\r\na\r\nPING\r\n`,
    "does not answer a rejected PUB": `${verbose}PUB _GR_.x 1\r\na\r\nPING\r\n`,
    "answers PUB after a pedantic error": 'CONNECT {"pedantic":true}\r\nSUB > 1\r\nPUB foo.* 1\r\na\r\nPING\r\n',
    "does not answer PUB with an empty token (pedantic)":
      'CONNECT {"pedantic":true}\r\nPUB foo..bar 1\r\na\r\nPING\r\n',
    "answers PUB after its payload": [
      ["a", `${verbose}PUB foo 2\r\na`, "more"],
      ["a", "b\r\nPING\r\n"],
    ],
    "answers HPUB": 'CONNECT {"headers":true}\r\nSUB foo 1\r\nHPUB foo 12 14\r\nNATS/1.0\r\n\r\nok\r\nPING\r\n',
    "precedes a 503 status":
      'CONNECT {"headers":true,"no_responders":true}\r\nSUB in 1\r\nPUB nobody in 0\r\n\r\nPING\r\n',
    "does not answer PING or PONG": `${verbose}PONG\r\nPING\r\nPING\r\n`,
    "answers every operation in order": `${verbose}SUB a 1\r\nPUB a 1\r\n1\r\nPING\r\nUNSUB 1\r\nPUB a 1\r\n2\r\nPING\r\nSUB . 2\r\nPING\r\n`,
    "is sent to verbose connections only": [
      ["a", `${verbose}SUB foo 1\r\nPING\r\n`],
      ["b", `${quiet}SUB foo 1\r\nPUB foo 1\r\na\r\nPING\r\n`],
    ],
  },
};
