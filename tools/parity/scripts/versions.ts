// SPDX-License-Identifier: Apache-2.0
import { quiet, requester, type Theme } from "../src/script.ts";

/** Protocol section 10.2: what the current server does and 2.9 does not, as far as a client on its port sees it. */
export const versions: Theme = {
  about: "releases",
  scripts: {
    "differ in whether a 503 status names the subject": `${requester}SUB in 1\r\nPUB some.body in 0\r\n\r\nPING\r\n`,
    "differ in INFO after the first PONG (protocol 1)": 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\nPING\r\n',
    "send no INFO after the first PONG (protocol 0)": 'CONNECT {"verbose":false,"protocol":0}\r\nPING\r\nPING\r\n',
    "accept a second CONNECT, which drops subscriptions since 2.14": `${quiet}SUB foo 1\r\n${quiet}PUB foo 1\r\na\r\nPING\r\n`,
    "accept a second CONNECT, which changes verbose": `${quiet}CONNECT {"verbose":true}\r\nPING\r\n`,
    "differ in whether $NRG. is reserved for clusters": `${quiet}SUB > 1\r\nPUB $NRG.x 1\r\na\r\nPING\r\n`,
  },
};
