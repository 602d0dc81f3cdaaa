// SPDX-License-Identifier: Apache-2.0
import { headers, quiet, requester, type Theme } from "../src/script.ts";

const inbox = `${requester}SUB _INBOX.* 7\r\n`;
const ask = "PUB nobody _INBOX.1 1\r\na\r\n";

/** Protocol section 3.6: the status 503 to a request without a subscriber. */
export const noResponders: Theme = {
  about: "no responders",
  scripts: {
    "sends 503 to the inbox of a request without a subscriber": `${inbox}${ask}PING\r\n`,
    "sends 503 to an inbox without a wildcard": `${requester}SUB _INBOX.1 7\r\n${ask}PING\r\n`,
    "sends 503 for a request with headers": `${inbox}HPUB nobody _INBOX.1 12 12\r\nNATS/1.0\r\n\r\n\r\nPING\r\n`,
    "sends 503 for a subject of several tokens": `${inbox}PUB is.there.anybody _INBOX.1 1\r\na\r\nPING\r\n`,
    "sends 503 for each of two requests": `${inbox}${ask}PUB nobody _INBOX.2 1\r\na\r\nPING\r\n`,
    "sends nothing if there is no reply subject": `${inbox}PUB nobody 1\r\na\r\nPING\r\n`,
    "sends nothing if a subscriber receives the request": [
      ["a", `${quiet}SUB somebody 1\r\nPING\r\n`],
      ["b", `${inbox}PUB somebody _INBOX.1 1\r\na\r\nPING\r\n`],
    ],
    "sends nothing if a queue group receives the request": [
      ["a", `${quiet}SUB somebody q 1\r\nPING\r\n`],
      ["b", `${inbox}PUB somebody _INBOX.1 1\r\na\r\nPING\r\n`],
    ],
    "sends 503 after the subscriber unsubscribed": [
      ["a", `${quiet}SUB somebody 1\r\nPING\r\n`],
      ["b", `${inbox}PUB somebody _INBOX.1 1\r\na\r\nPING\r\n`],
      ["a", "UNSUB 1\r\nPING\r\n"],
      ["b", "PUB somebody _INBOX.2 1\r\nb\r\nPING\r\n"],
    ],
    "sends nothing if the client receives its own request": `${inbox}SUB me 1\r\nPUB me _INBOX.1 1\r\na\r\nPING\r\n`,
    "sends 503 if the only subscriber is the client itself (no echo)":
      'CONNECT {"verbose":false,"echo":false,"headers":true,"no_responders":true}\r\nSUB _INBOX.* 7\r\nSUB me 1\r\nPUB me _INBOX.1 1\r\na\r\nPING\r\n',
    "sends nothing to a client without no_responders": `${headers}SUB _INBOX.* 7\r\n${ask}PING\r\n`,
    "sends nothing if no subscription matches the inbox": `${requester}${ask}PING\r\n`,
    "sends nothing if the inbox belongs to another connection": [
      ["a", `${requester}SUB _INBOX.* 7\r\nPING\r\n`],
      ["b", `${requester}${ask}PING\r\n`],
    ],
    "sends nothing if a queue group subscribes to the inbox": `${requester}SUB _INBOX.* q 7\r\n${ask}PING\r\n`,
    "sends 503 once if two subscriptions match the inbox": `${inbox}SUB _INBOX.1 8\r\n${ask}PING\r\n`,
    "sends 503 without counting it for the inbox's max": `${requester}SUB _INBOX.1 7\r\nUNSUB 7 1\r\n${ask}PUB _INBOX.1 1\r\nx\r\nPING\r\n`,
    "sends nothing after the inbox was unsubscribed": `${inbox}UNSUB 7\r\n${ask}PING\r\n`,
    "sends 503 for a JetStream request without JetStream": `${inbox}PUB $JS.API.INFO _INBOX.1 0\r\n\r\nPING\r\n`,
    "sends 503 for a system request": `${inbox}PUB $SYS.REQ.SERVER.PING _INBOX.1 0\r\n\r\nPING\r\n`,
  },
};
