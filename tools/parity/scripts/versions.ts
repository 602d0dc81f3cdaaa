// SPDX-License-Identifier: Apache-2.0
import { quiet, requester, type Theme } from "../src/script.ts";

/** Protocol section 10.2: what the current server does and 2.9 does not, as far as a client on its port sees it. */
export const versions: Theme = {
  about: "versions",
  scripts: {
    "the subject of a request that nobody received": `${requester}SUB in 1\r\nPUB some.body in 0\r\n\r\nPING\r\n`,
    "INFO behind the first PONG": 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\nPING\r\n',
    "no INFO behind the first PONG for protocol 0": 'CONNECT {"verbose":false,"protocol":0}\r\nPING\r\nPING\r\n',
    "a second CONNECT": `${quiet}SUB foo 1\r\n${quiet}PUB foo 1\r\na\r\nPING\r\n`,
    "a second CONNECT may change one's mind": `${quiet}CONNECT {"verbose":true}\r\nPING\r\n`,
    "a subject that only clusters use": `${quiet}SUB > 1\r\nPUB $NRG.x 1\r\na\r\nPING\r\n`,
  },
};
