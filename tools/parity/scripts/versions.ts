// SPDX-License-Identifier: Apache-2.0
import { quiet, requester, type Theme } from "../src/script.ts";

/** Returns an HPUB to foo with a reply subject and the headers of message tracing. */
function traced(payload: string, destination: string, only: string): string {
  const block = `NATS/1.0\r\nNats-Trace-Dest: ${destination}\r\nNats-Trace-Only: ${only}\r\n\r\n`;
  return `HPUB foo in ${block.length} ${block.length + payload.length}\r\n${block}${payload}\r\n`;
}

/** Protocol section 10.2: what the current server does and 2.9 does not, as far as a client on its port sees it. */
export const versions: Theme = {
  about: "releases",
  scripts: {
    "differ in whether a 503 status names the subject": `${requester}SUB in 1\r\nPUB some.body in 0\r\n\r\nPING\r\n`,
    "differ in INFO after the first PONG (protocol 1)": 'CONNECT {"verbose":false,"protocol":1}\r\nPING\r\nPING\r\n',
    "send no INFO after the first PONG (protocol 0)": 'CONNECT {"verbose":false,"protocol":0}\r\nPING\r\nPING\r\n',
    "differ in whether $SYS.REQ.USER.INFO is answered": [
      ["a", `${requester}SUB in 1\r\nPUB $SYS.REQ.USER.INFO in 0\r\n\r\n`, "more"],
      ["a", "PING\r\n"],
    ],
    "deliver a message to $SYS.REQ.USER.INFO to subscribers, too": [
      ["a", `${quiet}SUB > 1\r\nPUB $SYS.REQ.USER.INFO 2\r\nhi\r\n`, "more"],
      ["a", "PING\r\n"],
    ],
    "differ in whether a message that is only traced is delivered": `${requester}SUB in 1\r\nSUB foo 2\r\n${traced("only", "t", "True")}PING\r\n`,
    "deliver a message that is traced": `${requester}SUB in 1\r\nSUB foo 2\r\n${traced("also", "t", "false")}PING\r\n`,
    "deliver a message that is only traced without a destination": `${requester}SUB in 1\r\nSUB foo 2\r\n${traced("only", "", "1")}${traced("only", "trace disabled", "1")}PING\r\n`,
    "send no 503 for a message that is only traced if it has a subscriber": `${requester}SUB in 1\r\n${traced("none", "t", "1")}SUB foo 2\r\n${traced("only", "t", "1")}PING\r\n`,
    "do not count a message that is only traced for the max of UNSUB": `${requester}SUB foo 2\r\nUNSUB 2 1\r\n${traced("only", "t", "1")}${traced("also", "t", "0")}PING\r\n`,
    "reject a message whose trace is for a reserved subject": `${requester}SUB foo 2\r\n${traced("no", "_GR_.x", "1")}${traced("no", "$NRG.x", "0")}PING\r\n`,
    "accept a second CONNECT, which drops subscriptions since 2.14": `${quiet}SUB foo 1\r\n${quiet}PUB foo 1\r\na\r\nPING\r\n`,
    "accept a second CONNECT, which changes verbose": `${quiet}CONNECT {"verbose":true}\r\nPING\r\n`,
    "differ in whether $NRG. is reserved for clusters": `${quiet}SUB > 1\r\nPUB $NRG.x 1\r\na\r\nPING\r\n`,
  },
};
