// SPDX-License-Identifier: Apache-2.0
import { tokenAuthorizer, userAuthorizer } from "@natswire/node";
import type { Theme } from "../src/script.ts";

const permissions = {
  publish: { allow: ["orders.>", "reply.*"], deny: ["orders.secret.>"] },
  subscribe: { allow: ["orders.*", "orders.a.b", "_INBOX.>", "free.>"], deny: ["orders.secret", "free.not.>"] },
};
const ann = 'CONNECT {"user":"ann","pass":"s3cret","verbose":false}\r\nPING\r\n';
const bob = 'CONNECT {"user":"bob","pass":"hidden","verbose":false}\r\nPING\r\n';

/** Protocol sections 3.2 and 3.3: with a token, CONNECT comes first and has it. */
export const withToken: Theme = {
  about: "a token",
  ours: { authorize: tokenAuthorizer("t0ken") },
  real: 'authorization { token: "t0ken" }',
  scripts: {
    "the token": 'CONNECT {"auth_token":"t0ken"}\r\nPING\r\n',
    "the token, and operations in the same write":
      'CONNECT {"auth_token":"t0ken","verbose":false}\r\nSUB a 1\r\nPUB a 2\r\nhi\r\nPING\r\n',
    "the word in lower case": 'connect {"auth_token":"t0ken","verbose":false}\r\nPING\r\n',
    "another token": 'CONNECT {"auth_token":"wrong","verbose":false}\r\nPING\r\n',
    "a longer token": 'CONNECT {"auth_token":"t0ken2"}\r\nPING\r\n',
    "a shorter token": 'CONNECT {"auth_token":"t0ke"}\r\nPING\r\n',
    "an empty token": 'CONNECT {"auth_token":""}\r\nPING\r\n',
    "no token": "CONNECT {}\r\nPING\r\n",
    "a token for a user": 'CONNECT {"user":"t0ken","pass":"t0ken"}\r\nPING\r\n',
    "PING first": "PING\r\n",
    "SUB first": "SUB a 1\r\nPING\r\n",
    "PUB first": "PUB a 0\r\n\r\nPING\r\n",
    "a blank first": ' CONNECT {"auth_token":"t0ken"}\r\nPING\r\n',
    "a line end first": '\r\nCONNECT {"auth_token":"t0ken"}\r\nPING\r\n',
    "a word that begins as CONNECT does": [["a", "CXX\r\n", "closed"]],
    "a CONNECT that does not end": 'CONNECT {"auth_token":\r\nPING\r\n',
    "the token in an unknown protocol": 'CONNECT {"auth_token":"t0ken","protocol":7}\r\nPING\r\n',
    "no_responders without headers": 'CONNECT {"auth_token":"t0ken","no_responders":true}\r\nPING\r\n',
    "a wrong token and no_responders without headers":
      'CONNECT {"auth_token":"wrong","no_responders":true}\r\nPING\r\n',
    "a wrong token and an unknown protocol": 'CONNECT {"auth_token":"wrong","protocol":7}\r\nPING\r\n',
    "a JWT in place of the token": 'CONNECT {"jwt":"eyJ0eXAiOiJKV1QifQ.e30.AA","sig":"AA"}\r\nPING\r\n',
    "a JWT besides the token": 'CONNECT {"auth_token":"t0ken","jwt":"eyJ0eXAiOiJKV1QifQ.e30.AA"}\r\nPING\r\n',
    "an nkey in place of the token": 'CONNECT {"nkey":"UAAA","sig":"AA"}\r\nPING\r\n',
    "an account besides the token": 'CONNECT {"auth_token":"t0ken","account":"A"}\r\nPING\r\n',
    "a wrong token touches nobody else": [
      ["a", 'CONNECT {"auth_token":"t0ken","verbose":false}\r\nSUB a 1\r\nPING\r\n'],
      ["b", 'CONNECT {"auth_token":"wrong"}\r\nPUB a 0\r\n\r\nPING\r\n'],
      ["a", "PUB a 1\r\na\r\nPING\r\n"],
    ],
  },
};

/** Protocol section 3.3, 5. */
export const authTimeout: Theme = {
  about: "a token within half a second",
  ours: { authorize: tokenAuthorizer("t0ken"), authTimeout: 500 },
  real: 'authorization { token: "t0ken", timeout: 0.5 }',
  alone: true,
  scripts: {
    silence: [["a", "", "closed"]],
    "half a CONNECT": [
      ["a", 'CONNECT {"auth_tok', "more"],
      ["a", "", "closed"],
    ],
    "who is let in may be silent": [
      ["a", 'CONNECT {"auth_token":"t0ken","verbose":false}\r\nPING\r\n'],
      ["b", "", "closed"],
      ["a", "PING\r\n"],
    ],
  },
};

/** Protocol sections 1.10 and 2.3: what is allowed and what is denied. */
export const withUsers: Theme = {
  about: "users with permissions",
  ours: {
    authorize: userAuthorizer([
      { user: "ann", password: "s3cret", permissions },
      { user: "bob", password: "hidden" },
    ]),
  },
  real: `authorization { users: [
    { user: ann, password: s3cret, permissions: ${JSON.stringify(permissions)} }
    { user: bob, password: hidden }
  ] }`,
  scripts: {
    "name and password": ann,
    "name and password, verbose": 'CONNECT {"user":"ann","pass":"s3cret"}\r\nPING\r\n',
    "the password of another": 'CONNECT {"user":"ann","pass":"hidden"}\r\nPING\r\n',
    "an unknown name": 'CONNECT {"user":"eve","pass":"s3cret"}\r\nPING\r\n',
    "no password": 'CONNECT {"user":"ann"}\r\nPING\r\n',
    "no name": 'CONNECT {"pass":"s3cret"}\r\nPING\r\n',
    "a publish that is not allowed": [
      ["a", ann],
      ["a", "PUB other 2\r\nhi\r\nPING\r\n"],
    ],
    "a publish that is denied below one that is allowed": [
      ["a", ann],
      ["b", bob],
      ["b", "SUB > 1\r\nPING\r\n"],
      ["a", "PUB orders.a 2\r\nhi\r\nPUB orders.secret.b 2\r\nno\r\nPING\r\n"],
    ],
    "a publish at the edges of the patterns": [
      ["a", ann],
      ["b", bob],
      ["b", "SUB > 1\r\nPING\r\n"],
      ["a", "PUB orders.secret 2\r\nhi\r\nPUB orders 2\r\nno\r\nPING\r\n"],
    ],
    "a star allows one token": [
      ["a", ann],
      ["b", bob],
      ["b", "SUB > 1\r\nPING\r\n"],
      ["a", "PUB reply.x y 2\r\nhi\r\nPUB reply.x.y 2\r\nno\r\nPING\r\n"],
    ],
    "an allowed subscription": [
      ["a", ann],
      ["a", "SUB orders.a 1\r\nPUB orders.a 2\r\nhi\r\nPING\r\n"],
    ],
    "the allowed pattern itself": [
      ["a", ann],
      ["a", "SUB orders.* 1\r\nPUB orders.a 2\r\nhi\r\nPING\r\n"],
    ],
    "one of two deeper subjects": [
      ["a", ann],
      ["a", "SUB orders.a.b 1\r\nSUB orders.a.c 2\r\nPING\r\n"],
    ],
    "subscriptions that are not allowed": [
      ["a", ann],
      ["a", "SUB other 1\r\nSUB other q 2\r\nSUB > 3\r\nSUB *.a 4\r\nPING\r\n"],
    ],
    "subscriptions that are denied": [
      ["a", ann],
      ["a", "SUB orders.secret 1\r\nSUB free.not.a 2\r\nSUB free.not.> 3\r\nPING\r\n"],
    ],
    "quotes in what is refused": [
      ["a", ann],
      ["a", 'SUB o"\\x q 1\r\nPUB o"\\x 0\r\n\r\nPING\r\n'],
    ],
    "control bytes and UTF-8 in what is refused": [
      ["a", ann],
      ["a", "SUB o\x01\x7f\xc3\xb8 1\r\nPING\r\n"],
    ],
    "messages that are denied are left out of a wider pattern": [
      ["a", ann],
      ["b", bob],
      ["a", "SUB orders.* 1\r\nSUB free.> 2\r\nPING\r\n"],
      [
        "b",
        "PUB orders.secret 2\r\nno\r\nPUB orders.open 3\r\nyes\r\nPUB free.a 3\r\nyes\r\nPUB free.not.a 2\r\nno\r\nPING\r\n",
      ],
    ],
    "a queue group's member that may receive it is found": [
      ["a", ann],
      ["b", bob],
      ["a", "SUB free.> q 1\r\nPING\r\n"],
      ["b", "SUB free.not.> q 2\r\nPUB free.not.a 2\r\nhi\r\nPING\r\n"],
    ],
    "verbose: no +OK for what is refused": [
      ["a", 'CONNECT {"user":"ann","pass":"s3cret"}\r\nSUB other 1\r\nPUB other 0\r\n\r\nUNSUB 1\r\nPING\r\n'],
    ],
    "a reply subject is not a publish": [
      ["a", ann],
      ["a", "SUB orders.a 1\r\nPUB orders.a other 2\r\nhi\r\nPING\r\n"],
    ],
    "a bad subject that is not allowed": [
      ["a", ann],
      ["a", "SUB other..x 1\r\nPING\r\n"],
    ],
    "a deny within a wider pattern, and a max that counts what came": [
      ["a", ann],
      ["b", bob],
      ["a", "SUB free.> 1\r\nUNSUB 1 1\r\nPING\r\n"],
      ["b", "PUB free.not.a 2\r\nno\r\nPUB free.a 1\r\na\r\nPUB free.b 1\r\nb\r\nPING\r\n"],
    ],
    "the reply to what one may ask comes without its being allowed": [
      ["a", ann],
      ["b", bob],
      ["b", "SUB orders.a 1\r\nPING\r\n"],
      ["a", "SUB _INBOX.1 1\r\nPUB orders.a _INBOX.1 2\r\nhi\r\nPING\r\n"],
      ["b", "PUB _INBOX.1 2\r\nho\r\nPING\r\n"],
    ],
    "a wider pattern than what is allowed": [
      ["a", ann],
      ["a", "SUB orders.> 1\r\nPING\r\n"],
    ],
  },
};
