// SPDX-License-Identifier: Apache-2.0
import { tokenAuthorizer, userAuthorizer } from "@natswire/node";
import { quiet, type Theme } from "../src/script.ts";

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

const carl = 'CONNECT {"user":"carl","pass":"c","verbose":false}\r\nPING\r\n';
const dora = 'CONNECT {"user":"dora","pass":"d","verbose":false}\r\nPING\r\n';
const queues = {
  subscribe: {
    allow: ["foo", "foo v1", "foo v2.>", "bar *.dev", "baz", "a.> q1", "a.b q2", "wide.>"],
    deny: ["baz prod", "baz *.prod", "wide.* q", "wide.no"],
  },
};
const denied = {
  publish: { deny: ["foo.*"] },
  subscribe: { deny: ["foo.*", "bar.>", "*.x.y", "*", "lit", "q.a", "q.a q1"] },
};

/** Queue groups in permissions, and patterns that a denied pattern covers. */
export const withQueues: Theme = {
  about: "permissions of queue groups",
  ours: {
    authorize: userAuthorizer([
      { user: "carl", password: "c", permissions: queues },
      { user: "dora", password: "d", permissions: denied },
      { user: "bob", password: "hidden" },
    ]),
  },
  real: `authorization { users: [
    { user: carl, password: c, permissions: ${JSON.stringify(queues)} }
    { user: dora, password: d, permissions: ${JSON.stringify(denied)} }
    { user: bob, password: hidden }
  ] }`,
  scripts: {
    "allow one group beside subscriptions without a group": [
      ["a", carl],
      [
        "a",
        "SUB foo 1\r\nSUB foo v1 2\r\nSUB foo v10 3\r\nSUB foo v2 4\r\nSUB foo v2.a 5\r\nSUB foo v2.a.b 6\r\nPING\r\n",
      ],
    ],
    "allow groups only, by a pattern": [
      ["a", carl],
      ["a", "SUB bar 1\r\nSUB bar a.dev 2\r\nSUB bar dev 3\r\nSUB bar a.b.dev 4\r\nSUB bar *.dev 5\r\nPING\r\n"],
    ],
    "allow the groups of every entry that covers the pattern": [
      ["a", carl],
      ["a", "SUB a.b q1 1\r\nSUB a.b q2 2\r\nSUB a.c q2 3\r\nSUB a.c q1 4\r\nSUB a.b 5\r\nSUB a.* q1 6\r\nPING\r\n"],
    ],
    "deny groups by name and pattern": [
      ["a", carl],
      ["a", "SUB baz 1\r\nSUB baz prod 2\r\nSUB baz a.prod 3\r\nSUB baz dev 4\r\nSUB baz a.b.prod 5\r\nPING\r\n"],
    ],
    "deny a group to wider patterns, and do not filter its messages": [
      ["a", carl],
      ["b", bob],
      ["a", "SUB wide.> q 1\r\nSUB wide.* q 2\r\nSUB wide.a q 3\r\nSUB wide.> r 4\r\nSUB wide.> 5\r\nPING\r\n"],
      ["b", "PUB wide.a 2\r\nhi\r\nPUB wide.no 2\r\nno\r\nPING\r\n"],
    ],
    "deny every subscription, and one group as well": [
      ["a", dora],
      ["a", "SUB q.a 1\r\nSUB q.a q1 2\r\nSUB q.a q2 3\r\nPING\r\n"],
    ],
    "deny a wider pattern if a denied one has a wildcard in its place": [
      ["a", dora],
      ["a", "SUB foo.> 1\r\nSUB foo.* 2\r\nSUB foo.a 3\r\nSUB foo.*.b 4\r\nSUB foo 5\r\nSUB > 6\r\nPING\r\n"],
    ],
    "deny a pattern that has a wildcard in the place of a token": [
      ["a", dora],
      ["a", "SUB bar.* 1\r\nSUB *.x.y 2\r\nSUB *.x.> 3\r\nSUB *.*.y 4\r\nSUB bar.a.b 5\r\nPING\r\n"],
    ],
    "filter what is denied from patterns that are not": [
      ["a", dora],
      ["b", bob],
      ["a", "SUB *.*.y 1\r\nSUB *.> 2\r\nPING\r\n"],
      ["b", "PUB a.x.y 2\r\nno\r\nPUB a.z.y 2\r\nhi\r\nPUB bar.a 2\r\nno\r\nPUB ok.a.b 2\r\nhi\r\nPING\r\n"],
    ],
    "filter what is denied from a pattern that overlaps it in part": [
      ["a", dora],
      ["a", "SUB a.x.* 1\r\nPUB a.x.y 2\r\nno\r\nPUB a.x.z 2\r\nhi\r\nPING\r\n"],
    ],
  },
};

const frank = 'CONNECT {"user":"frank","pass":"f","verbose":false}\r\nPING\r\n';
const gina = 'CONNECT {"user":"gina","pass":"g","verbose":false}\r\nPING\r\n';
const henry = 'CONNECT {"user":"henry","pass":"h","verbose":false}\r\nPING\r\n';
const ida = 'CONNECT {"user":"ida","pass":"i","verbose":false}\r\nPING\r\n';
const asking = {
  publish: { allow: ["$SYS.REQ.USER.INFO", "log"], deny: ["log.secret"] },
  subscribe: { allow: ["in.>", "jobs workers"], deny: ["in.no"] },
};
const listed = { publish: { allow: ["log"], deny: ["in.denied"] } };
const denying = { publish: { deny: ["in.denied", "secret"] } };
const request = (reply: string): string => `PUB req ${reply} 1\r\n?\r\nPING\r\n`;
const answers = (...replies: readonly string[]): string =>
  `${replies.map((reply, i) => `PUB ${reply} 1\r\n${i}\r\n`).join("")}PING\r\n`;

/** Responses to the requests that a client received. */
export const withResponses: Theme = {
  about: "permission to respond",
  ours: {
    authorize: userAuthorizer([
      { user: "frank", password: "f", permissions: { allowResponses: true } },
      { user: "gina", password: "g", permissions: { ...listed, allowResponses: { max: 2, expires: 100 } } },
      { user: "henry", password: "h", permissions: { ...denying, allowResponses: { max: Infinity } } },
      { user: "ida", password: "i", permissions: { ...asking, allowResponses: { max: 3, expires: 60_000 } } },
      { user: "bob", password: "hidden" },
    ]),
  },
  real: `authorization { users: [
    { user: ida, password: i, permissions: ${JSON.stringify({ ...asking, allow_responses: { max: 3, expires: "60s" } })} }
    { user: frank, password: f, permissions: { allow_responses: true } }
    { user: gina, password: g, permissions: { publish: ${JSON.stringify(listed.publish)}, allow_responses: { max: 2, expires: "100ms" } } }
    { user: henry, password: h, permissions: { publish: ${JSON.stringify(denying.publish)}, allow_responses: { max: -1 } } }
    { user: bob, password: hidden }
  ] }`,
  scripts: {
    "allows one response, and nothing else": [
      ["a", frank],
      ["b", bob],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["a", answers("in.1", "other")],
      ["b", `SUB in.* 1\r\n${request("in.1")}`],
      ["a", answers("other", "in.2", "in.1", "in.1")],
    ],
    "allows a response for each request": [
      ["a", frank],
      ["b", bob],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["b", `SUB in.* 1\r\n${request("in.1")}${request("in.2")}`],
      ["a", answers("in.2", "in.1", "in.2", "in.1")],
    ],
    "allows another response after another request with the same reply subject": [
      ["a", frank],
      ["b", bob],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["b", `SUB in.* 1\r\n${request("in.1")}`],
      ["a", answers("in.1", "in.1")],
      ["b", request("in.1")],
      ["a", answers("in.1", "in.1")],
    ],
    "differs after two requests with the same reply subject": [
      ["a", frank],
      ["b", bob],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["b", `SUB in.* 1\r\n${request("in.1")}${request("in.1")}`],
      ["a", answers("in.1", "in.1")],
    ],
    "allows max responses beside what is listed": [
      ["a", gina],
      ["b", bob],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["b", `SUB in.* 1\r\n${request("in.1")}`],
      ["a", answers("in.1", "log", "in.1", "in.1", "other")],
    ],
    "allows a response to a denied subject": [
      ["a", gina],
      ["b", bob],
      ["c", henry],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["c", "SUB req 1\r\nPING\r\n"],
      ["b", `SUB in.* 1\r\n${request("in.denied")}`],
      ["a", answers("in.denied")],
      ["c", answers("in.denied")],
    ],
    "allows any number of responses without a limit": [
      ["a", henry],
      ["b", bob],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["b", `SUB in.* 1\r\n${request("in.1")}`],
      ["a", answers(...Array.from({ length: 20 }, () => "in.1"))],
    ],
    "is part of the answer to $SYS.REQ.USER.INFO": [
      ["a", ida],
      ["b", bob],
      ["a", "SUB in.> 1\r\nPUB $SYS.REQ.USER.INFO in.a 0\r\n\r\n", "more"],
      ["b", "SUB in.> 1\r\nPUB $SYS.REQ.USER.INFO in.b 0\r\n\r\n", "more"],
      ["a", "PING\r\n"],
      ["b", "PING\r\n"],
    ],
    "does not include a request to $SYS.REQ.USER.INFO": [
      ["a", frank],
      ["a", "SUB in.> 1\r\nPUB $SYS.REQ.USER.INFO in.a 0\r\n\r\nPING\r\n"],
    ],
    "turns off what is not listed, if nothing is listed": [
      ["a", henry],
      ["a", answers("anything", "secret")],
    ],
    "does not allow a response to a request in another group": [
      ["a", frank],
      ["b", bob],
      ["a", "SUB req 1\r\nUNSUB 1\r\nPING\r\n"],
      ["b", `SUB req 2\r\nSUB in.* 1\r\n${request("in.1")}`],
      ["a", answers("in.1")],
    ],
    "does not allow a response after UNSUB of the requester to be delivered": [
      ["a", frank],
      ["b", bob],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["b", `SUB in.* 1\r\n${request("in.1")}UNSUB 1\r\nPING\r\n`],
      ["a", answers("in.1", "in.1")],
    ],
    "does not allow a response after it has expired": [
      ["a", gina],
      ["b", bob],
      ["a", "SUB req 1\r\nPING\r\n"],
      ["b", `SUB in.* 1\r\n${request("in.1")}`],
      ...Array.from({ length: 8 }, () => ["b", "", "more"] as const),
      ["a", answers("in.1")],
    ],
  },
};

const guests = [
  { user: "guest", password: "g", permissions: { publish: { deny: ["secret"] } } },
  // Of "s3cret".
  { user: "ann", password: "$2b$04$QbbzLfTF22oD9VWaQDXn7.o8pXu4O7U4zENIUAQWCCTrCNk06fmme" },
  // No hash, although it looks like one.
  { user: "bob", password: "$2b$x" },
];

/** A user for clients without credentials, and passwords as hashes. */
export const withGuests: Theme = {
  about: "users with no_auth_user and bcrypt",
  ours: { authorize: userAuthorizer(guests, { noAuthUser: "guest" }) },
  real: `authorization { users: ${JSON.stringify(guests)} }\nno_auth_user: guest`,
  scripts: {
    "accept a client without credentials as that user": `${quiet}SUB a 1\r\nPUB a 1\r\na\r\nPUB secret 0\r\n\r\nPING\r\n`,
    "accept empty credentials as that user":
      'CONNECT {"verbose":false,"user":"","pass":"","auth_token":""}\r\nPUB secret 0\r\n\r\nPING\r\n',
    "accept that user with its password": 'CONNECT {"verbose":false,"user":"guest","pass":"g"}\r\nPING\r\n',
    "reject that user with another password": 'CONNECT {"verbose":false,"user":"guest","pass":"x"}\r\nPING\r\n',
    "reject that user without a password": 'CONNECT {"verbose":false,"user":"guest"}\r\nPING\r\n',
    "reject an unknown user": 'CONNECT {"verbose":false,"user":"eve"}\r\nPING\r\n',
    "reject a password without a user": 'CONNECT {"verbose":false,"pass":"g"}\r\nPING\r\n',
    "reject a token": 'CONNECT {"verbose":false,"auth_token":"g"}\r\nPING\r\n',
    "accept the password of a hash":
      'CONNECT {"verbose":false,"user":"ann","pass":"s3cret"}\r\nPUB secret 0\r\n\r\nPING\r\n',
    "reject another password than that of the hash":
      'CONNECT {"verbose":false,"user":"ann","pass":"s3cre"}\r\nPING\r\n',
    "reject the hash as a password":
      'CONNECT {"verbose":false,"user":"ann","pass":"$2b$04$QbbzLfTF22oD9VWaQDXn7.o8pXu4O7U4zENIUAQWCCTrCNk06fmme"}\r\nPING\r\n',
    "reject an empty password": 'CONNECT {"verbose":false,"user":"ann","pass":""}\r\nPING\r\n',
    "compare a password that is no hash as text": 'CONNECT {"verbose":false,"user":"bob","pass":"$2b$x"}\r\nPING\r\n',
    "differ for a client with an nkey only": 'CONNECT {"verbose":false,"nkey":"UA","sig":"AA"}\r\nPING\r\n',
    "differ before CONNECT": "PING\r\n",
  },
};
