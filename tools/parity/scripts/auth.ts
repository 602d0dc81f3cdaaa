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
  about: "token authentication",
  ours: { authorize: tokenAuthorizer("t0ken") },
  real: 'authorization { token: "t0ken" }',
  scripts: {
    "accepts the token": 'CONNECT {"auth_token":"t0ken"}\r\nPING\r\n',
    "accepts the token and operations in the same write":
      'CONNECT {"auth_token":"t0ken","verbose":false}\r\nSUB a 1\r\nPUB a 2\r\nhi\r\nPING\r\n',
    "accepts the token after a verb in lower case": 'connect {"auth_token":"t0ken","verbose":false}\r\nPING\r\n',
    "rejects another token": 'CONNECT {"auth_token":"wrong","verbose":false}\r\nPING\r\n',
    "rejects a longer token": 'CONNECT {"auth_token":"t0ken2"}\r\nPING\r\n',
    "rejects a shorter token": 'CONNECT {"auth_token":"t0ke"}\r\nPING\r\n',
    "rejects an empty token": 'CONNECT {"auth_token":""}\r\nPING\r\n',
    "rejects CONNECT without a token": "CONNECT {}\r\nPING\r\n",
    "rejects the token as user and password": 'CONNECT {"user":"t0ken","pass":"t0ken"}\r\nPING\r\n',
    "rejects PING before CONNECT": "PING\r\n",
    "rejects SUB before CONNECT": "SUB a 1\r\nPING\r\n",
    "rejects PUB before CONNECT": "PUB a 0\r\n\r\nPING\r\n",
    "rejects a blank before CONNECT": ' CONNECT {"auth_token":"t0ken"}\r\nPING\r\n',
    "rejects a line end before CONNECT": '\r\nCONNECT {"auth_token":"t0ken"}\r\nPING\r\n',
    "rejects another verb that begins like CONNECT": [["a", "CXX\r\n", "closed"]],
    "closes the connection if CONNECT is not complete JSON": 'CONNECT {"auth_token":\r\nPING\r\n',
    "rejects the token with an unknown protocol": 'CONNECT {"auth_token":"t0ken","protocol":7}\r\nPING\r\n',
    "rejects the token with no_responders but without headers":
      'CONNECT {"auth_token":"t0ken","no_responders":true}\r\nPING\r\n',
    "reports a wrong token before no_responders without headers":
      'CONNECT {"auth_token":"wrong","no_responders":true}\r\nPING\r\n',
    "reports a wrong token before an unknown protocol": 'CONNECT {"auth_token":"wrong","protocol":7}\r\nPING\r\n',
    "rejects a JWT instead of the token": 'CONNECT {"jwt":"eyJ0eXAiOiJKV1QifQ.e30.AA","sig":"AA"}\r\nPING\r\n',
    "ignores a JWT beside the token": 'CONNECT {"auth_token":"t0ken","jwt":"eyJ0eXAiOiJKV1QifQ.e30.AA"}\r\nPING\r\n',
    "rejects an nkey instead of the token": 'CONNECT {"nkey":"UAAA","sig":"AA"}\r\nPING\r\n',
    "rejects an account beside the token": 'CONNECT {"auth_token":"t0ken","account":"A"}\r\nPING\r\n',
    "does not affect other connections if a token is wrong": [
      ["a", 'CONNECT {"auth_token":"t0ken","verbose":false}\r\nSUB a 1\r\nPING\r\n'],
      ["b", 'CONNECT {"auth_token":"wrong"}\r\nPUB a 0\r\n\r\nPING\r\n'],
      ["a", "PUB a 1\r\na\r\nPING\r\n"],
    ],
  },
};

/** Protocol section 3.3, 5. */
export const authTimeout: Theme = {
  about: "authentication timeout (500 ms)",
  ours: { authorize: tokenAuthorizer("t0ken"), authTimeout: 500 },
  real: 'authorization { token: "t0ken", timeout: 0.5 }',
  alone: true,
  scripts: {
    "closes a connection that sends nothing": [["a", "", "closed"]],
    "closes a connection that sends half a CONNECT": [
      ["a", 'CONNECT {"auth_tok', "more"],
      ["a", "", "closed"],
    ],
    "does not close an authenticated connection that is silent": [
      ["a", 'CONNECT {"auth_token":"t0ken","verbose":false}\r\nPING\r\n'],
      ["b", "", "closed"],
      ["a", "PING\r\n"],
    ],
  },
};

/** Protocol sections 1.10 and 2.3: what is allowed and what is denied. */
export const withUsers: Theme = {
  about: "user authentication with permissions",
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
    "accepts name and password": ann,
    "accepts name and password (verbose)": 'CONNECT {"user":"ann","pass":"s3cret"}\r\nPING\r\n',
    "rejects the password of another user": 'CONNECT {"user":"ann","pass":"hidden"}\r\nPING\r\n',
    "rejects an unknown name": 'CONNECT {"user":"eve","pass":"s3cret"}\r\nPING\r\n',
    "rejects a name without a password": 'CONNECT {"user":"ann"}\r\nPING\r\n',
    "rejects a password without a name": 'CONNECT {"pass":"s3cret"}\r\nPING\r\n',
    "rejects a publish that is not allowed": [
      ["a", ann],
      ["a", "PUB other 2\r\nhi\r\nPING\r\n"],
    ],
    "rejects a publish that is denied below an allowed pattern": [
      ["a", ann],
      ["b", bob],
      ["b", "SUB > 1\r\nPING\r\n"],
      ["a", "PUB orders.a 2\r\nhi\r\nPUB orders.secret.b 2\r\nno\r\nPING\r\n"],
    ],
    "requires at least one token for >": [
      ["a", ann],
      ["b", bob],
      ["b", "SUB > 1\r\nPING\r\n"],
      ["a", "PUB orders.secret 2\r\nhi\r\nPUB orders 2\r\nno\r\nPING\r\n"],
    ],
    "matches exactly one token with *": [
      ["a", ann],
      ["b", bob],
      ["b", "SUB > 1\r\nPING\r\n"],
      ["a", "PUB reply.x y 2\r\nhi\r\nPUB reply.x.y 2\r\nno\r\nPING\r\n"],
    ],
    "allows a subscription within an allowed pattern": [
      ["a", ann],
      ["a", "SUB orders.a 1\r\nPUB orders.a 2\r\nhi\r\nPING\r\n"],
    ],
    "allows a subscription to an allowed pattern itself": [
      ["a", ann],
      ["a", "SUB orders.* 1\r\nPUB orders.a 2\r\nhi\r\nPING\r\n"],
    ],
    "allows one of two deeper subjects": [
      ["a", ann],
      ["a", "SUB orders.a.b 1\r\nSUB orders.a.c 2\r\nPING\r\n"],
    ],
    "rejects subscriptions that are not allowed": [
      ["a", ann],
      ["a", "SUB other 1\r\nSUB other q 2\r\nSUB > 3\r\nSUB *.a 4\r\nPING\r\n"],
    ],
    "rejects subscriptions that are denied": [
      ["a", ann],
      ["a", "SUB orders.secret 1\r\nSUB free.not.a 2\r\nSUB free.not.> 3\r\nPING\r\n"],
    ],
    "escapes quotes and backslashes of a rejected subject in -ERR": [
      ["a", ann],
      ["a", 'SUB o"\\x q 1\r\nPUB o"\\x 0\r\n\r\nPING\r\n'],
    ],
    "escapes control bytes, not UTF-8, of a rejected subject in -ERR": [
      ["a", ann],
      ["a", "SUB o\x01\x7f\xc3\xb8 1\r\nPING\r\n"],
    ],
    "filters denied messages from a subscription to a wider pattern": [
      ["a", ann],
      ["b", bob],
      ["a", "SUB orders.* 1\r\nSUB free.> 2\r\nPING\r\n"],
      [
        "b",
        "PUB orders.secret 2\r\nno\r\nPUB orders.open 3\r\nyes\r\nPUB free.a 3\r\nyes\r\nPUB free.not.a 2\r\nno\r\nPING\r\n",
      ],
    ],
    "chooses a queue group member that may receive the message": [
      ["a", ann],
      ["b", bob],
      ["a", "SUB free.> q 1\r\nPING\r\n"],
      ["b", "SUB free.not.> q 2\r\nPUB free.not.a 2\r\nhi\r\nPING\r\n"],
    ],
    "sends no +OK for a rejected operation (verbose)": [
      ["a", 'CONNECT {"user":"ann","pass":"s3cret"}\r\nSUB other 1\r\nPUB other 0\r\n\r\nUNSUB 1\r\nPING\r\n'],
    ],
    "does not check a reply subject": [
      ["a", ann],
      ["a", "SUB orders.a 1\r\nPUB orders.a other 2\r\nhi\r\nPING\r\n"],
    ],
    "is checked before the validity of the subject": [
      ["a", ann],
      ["a", "SUB other..x 1\r\nPING\r\n"],
    ],
    "does not count filtered messages for max": [
      ["a", ann],
      ["b", bob],
      ["a", "SUB free.> 1\r\nUNSUB 1 1\r\nPING\r\n"],
      ["b", "PUB free.not.a 2\r\nno\r\nPUB free.a 1\r\na\r\nPUB free.b 1\r\nb\r\nPING\r\n"],
    ],
    "allows a reply to an allowed request": [
      ["a", ann],
      ["b", bob],
      ["b", "SUB orders.a 1\r\nPING\r\n"],
      ["a", "SUB _INBOX.1 1\r\nPUB orders.a _INBOX.1 2\r\nhi\r\nPING\r\n"],
      ["b", "PUB _INBOX.1 2\r\nho\r\nPING\r\n"],
    ],
    "rejects a subscription to a pattern wider than the allowed ones": [
      ["a", ann],
      ["a", "SUB orders.> 1\r\nPING\r\n"],
    ],
  },
};
