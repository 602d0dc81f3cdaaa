// SPDX-License-Identifier: Apache-2.0
import { headers, quiet, requester, type Theme } from "../src/script.ts";

const inbox = `${requester}SUB _INBOX.* 7\r\n`;
const ask = "PUB nobody _INBOX.1 1\r\na\r\n";

/** Protocol section 3.6: the status 503 to a request without a subscriber. */
export const noResponders: Theme = {
  about: "no responders",
  scripts: {
    "a request to nobody": `${inbox}${ask}PING\r\n`,
    "an inbox without wildcard": `${requester}SUB _INBOX.1 7\r\n${ask}PING\r\n`,
    "a request with headers": `${inbox}HPUB nobody _INBOX.1 12 12\r\nNATS/1.0\r\n\r\n\r\nPING\r\n`,
    "a longer subject": `${inbox}PUB is.there.anybody _INBOX.1 1\r\na\r\nPING\r\n`,
    "two requests": `${inbox}${ask}PUB nobody _INBOX.2 1\r\na\r\nPING\r\n`,
    "no reply subject, no status": `${inbox}PUB nobody 1\r\na\r\nPING\r\n`,
    "somebody receives it": [
      ["a", `${quiet}SUB somebody 1\r\nPING\r\n`],
      ["b", `${inbox}PUB somebody _INBOX.1 1\r\na\r\nPING\r\n`],
    ],
    "a queue group receives it": [
      ["a", `${quiet}SUB somebody q 1\r\nPING\r\n`],
      ["b", `${inbox}PUB somebody _INBOX.1 1\r\na\r\nPING\r\n`],
    ],
    "somebody has gone": [
      ["a", `${quiet}SUB somebody 1\r\nPING\r\n`],
      ["b", `${inbox}PUB somebody _INBOX.1 1\r\na\r\nPING\r\n`],
      ["a", "UNSUB 1\r\nPING\r\n"],
      ["b", "PUB somebody _INBOX.2 1\r\nb\r\nPING\r\n"],
    ],
    "one receives one's own request": `${inbox}SUB me 1\r\nPUB me _INBOX.1 1\r\na\r\nPING\r\n`,
    "one's own request does not come back":
      'CONNECT {"verbose":false,"echo":false,"headers":true,"no_responders":true}\r\nSUB _INBOX.* 7\r\nSUB me 1\r\nPUB me _INBOX.1 1\r\na\r\nPING\r\n',
    "a client that did not ask for it": `${headers}SUB _INBOX.* 7\r\n${ask}PING\r\n`,
    "nobody listens to the inbox": `${requester}${ask}PING\r\n`,
    "another connection listens to the inbox": [
      ["a", `${requester}SUB _INBOX.* 7\r\nPING\r\n`],
      ["b", `${requester}${ask}PING\r\n`],
    ],
    "a queue group listens to the inbox": `${requester}SUB _INBOX.* q 7\r\n${ask}PING\r\n`,
    "two subscriptions listen to the inbox: one is told": `${inbox}SUB _INBOX.1 8\r\n${ask}PING\r\n`,
    "the inbox ends after one message: the status is none": `${requester}SUB _INBOX.1 7\r\nUNSUB 7 1\r\n${ask}PUB _INBOX.1 1\r\nx\r\nPING\r\n`,
    "the inbox has ended": `${inbox}UNSUB 7\r\n${ask}PING\r\n`,
    "a JetStream request where there is none": `${inbox}PUB $JS.API.INFO _INBOX.1 0\r\n\r\nPING\r\n`,
    "a system request": `${inbox}PUB $SYS.REQ.SERVER.PING _INBOX.1 0\r\n\r\nPING\r\n`,
  },
};
