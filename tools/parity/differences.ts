// SPDX-License-Identifier: Apache-2.0
import type { Difference, VersionDifference } from "./src/difference.ts";

/**
 * Every intended difference between the embedded server and nats-server. The tests fail for a difference that is not listed
 * and for a listed one that no longer exists. docs/differences.md is generated from it.
 */
export const differences: readonly Difference[] = [
  {
    name: "A second CONNECT is rejected",
    reason:
      "The user of a connection never changes (V2). nats-server accepts it; since 2.14 it drops the subscriptions.",
    scripts: {
      "releases: accept a second CONNECT, which drops subscriptions since 2.14": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: { "2.9": "MSG foo 1 1\r\na\r\nPONG\r\n", "2.14": "PONG\r\n" },
      },
      "releases: accept a second CONNECT, which changes verbose": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "+OK\r\nPONG\r\n",
      },
    },
    random: /^CONNECT /i,
  },
  {
    name: "PING, PONG and +OK take no arguments",
    reason: "Only blanks may follow the verb. nats-server skips everything up to the next LF, without a limit.",
    scripts: {
      "control lines: reject text after PING": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "PONG\r\nPONG\r\n",
      },
      "control lines: reject blanks between CR and LF after PING": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "PONG\r\n",
      },
    },
    random: /^P[IO]NG[ \t]*[^ \t\r\n]/i,
  },
  {
    name: "A client must not send server verbs",
    reason:
      "`+OK`, `-ERR` and `INFO` are server verbs. nats-server ignores them, or closes the connection without an error.",
    scripts: {
      "control lines: reject +OK from a client": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "PONG\r\n",
      },
      "control lines: reject -ERR from a client": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "(closed)",
      },
      "control lines: reject INFO from a client": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "PONG\r\n",
      },
      "control lines: reject INFO that is not JSON from a client": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "(closed)",
      },
    },
    random: /^(\+OK|-ERR|INFO)/i,
  },
  {
    name: "CONNECT needs a blank after the verb",
    reason: "The same as for every other verb.",
    scripts: {
      "CONNECT: closes the connection if the object and the blank are missing": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "(closed)",
      },
      "CONNECT: closes the connection if the blank is missing before the object": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "+OK\r\nPONG\r\n",
      },
    },
  },
  {
    name: "Field names of CONNECT are case-sensitive",
    reason:
      "`VERBOSE` is not `verbose`. Also, CONNECT must have an object: `null` closes the connection. nats-server accepts both.",
    scripts: {
      "CONNECT: ignores a field whose name is in capitals": {
        ours: "+OK\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "CONNECT: closes the connection if it is null": {
        ours: "(closed)",
        real: "+OK\r\nPONG\r\n",
      },
    },
  },
  {
    name: "1.0 is an integer",
    reason: "JSON has one kind of number. nats-server decides by the spelling.",
    scripts: {
      "CONNECT: accepts 1.0 for the integer 1": {
        ours: { "2.9": "PONG\r\n", "2.14": 'PONG\r\nINFO {"connect_info":true}\r\n' },
        real: "(closed)",
      },
      "CONNECT: accepts 1e0 for the integer 1": {
        ours: { "2.9": "PONG\r\n", "2.14": 'PONG\r\nINFO {"connect_info":true}\r\n' },
        real: "(closed)",
      },
    },
  },
  {
    name: "The limit of a control line includes the verb",
    reason:
      "nats-server does not count the verb and the blanks after it. The embedded server counts them, with one limit for all verbs. Its default is so large that every line with single blanks that nats-server accepts is accepted.",
    scripts: {
      "max_control_line (64 bytes): rejects UNSUB above the limit if the verb is counted": {
        ours: "-ERR 'maximum control line exceeded'\r\n(closed)",
        real: "+OK\r\nPONG\r\n",
      },
      "max_control_line (default): accepts SUB one byte above nats-server's limit": {
        ours: "PONG\r\n",
        real: "-ERR 'maximum control line exceeded'\r\n(closed)",
      },
      "control lines: reject five thousand blanks before the subject": {
        ours: "-ERR 'maximum control line exceeded'\r\n(closed)",
        real: "MSG foo 1 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "A CR without LF is part of a token",
    reason: "In nats-server the result depends on where the stream was cut.",
    scripts: {
      "control lines: treat a CR within SUB as part of a token": {
        ours: "(closed)",
        real: "MSG foo 1 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "A line end after a verb and a blank ends the line",
    reason: "nats-server makes it part of the subject.",
    scripts: {
      "control lines: end at a line end that follows PUB and a blank": {
        ours: "(closed)",
        real: "MSG \nfoo 1 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "Invalid subjects are not relayed",
    reason:
      "A subject with an empty token, a control byte or invalid UTF-8 is rejected; the publisher stays connected (V5). nats-server relays it, and some clients break on it.",
    scripts: {
      "PUB: rejects a subject with an empty token": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "PUB: rejects a subject that ends in a dot": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "PUB: rejects a subject that begins with a dot": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "PUB: rejects a subject that is a dot": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "PUB: rejects a subject with control bytes": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG f\u0001\u007f 1 2\r\nok\r\nPONG\r\n",
      },
      "PUB: rejects a subject with NUL": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG f\u0000o 1 2\r\nok\r\nPONG\r\n",
      },
      "PUB: rejects a subject with invalid UTF-8": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG f\u00ff 1 2\r\nok\r\nPONG\r\n",
      },
      "+OK (verbose): does not answer PUB with an empty token (pedantic)": {
        ours: "+OK\r\n-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "+OK\r\n-ERR 'Invalid Publish Subject'\r\n+OK\r\nPONG\r\n",
      },
      "control lines: treat a CR within PUB as part of a token": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG fo\ro 1 1\r\na\r\nPONG\r\n",
      },
    },
    random: /^H?PUB[ \t]+(\S*\.\.\S*|\.\S*|\S*\.)[ \t]/i,
  },
  {
    name: "A pedantic error is sent once",
    reason:
      "In the example the payload arrives in two parts, `o` and then `k`. nats-server checks the subject for each part, and sends the error twice.",
    scripts: {
      "PUB: reports a * token once if the payload follows later (pedantic)": {
        ours: "-ERR 'Invalid Publish Subject'\r\nMSG foo.* 1 2\r\nok\r\nPONG\r\n",
        real: "-ERR 'Invalid Publish Subject'\r\n-ERR 'Invalid Publish Subject'\r\nMSG foo.* 1 2\r\nok\r\nPONG\r\n",
      },
    },
  },
  {
    name: "Invalid reply subjects are not relayed",
    reason: "The same for the reply subject.",
    scripts: {
      "PUB: rejects a reply subject with a control byte": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG foo 1 r\u0001 2\r\nok\r\nPONG\r\n",
      },
      "PUB: rejects a reply subject with an empty token and a wildcard": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG foo 1 bar..* 2\r\nok\r\nPONG\r\n",
      },
      "PUB: rejects the prefix of service imports as a reply subject": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "-ERR 'Permissions Violation for Publish with Reply of \"_R_.\"'\r\nPONG\r\n",
      },
      "PUB: rejects the prefix of JetStream as a reply subject": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG foo 1 $JS.ACK. 2\r\nok\r\nPONG\r\n",
      },
    },
    random: /^H?PUB[ \t]+\S+[ \t]+(\S*\.\.\S*|\.\S*|\S*\.)[ \t]/i,
  },
  {
    name: "Subscriptions to invalid subjects are rejected",
    reason: "A subject with a control byte or invalid UTF-8 is never published (V5).",
    scripts: {
      "SUB: rejects a subject with control bytes": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "SUB: rejects a subject with NUL": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "SUB: rejects a subject with invalid UTF-8": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "control lines: do not treat vertical tab, form feed and no-break space as blanks": {
        ours: "-ERR 'Invalid Subject'\r\n-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG a\u000bb\fc\u00c2\u00a0d 1 1\r\na\r\nMSG a\u000bb\fc\u00c2\u00a0d 2 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "A sid must be valid UTF-8",
    reason: "It is sent back unchanged, which is impossible for invalid UTF-8.",
    scripts: {
      "SUB: rejects a sid with invalid UTF-8": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "MSG foo \u00ff\u00fe 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "Sizes are relayed without leading zeros",
    reason: "A relayed line is encoded, never copied (V5).",
    scripts: {
      "PUB: accepts a size with leading zeros": {
        ours: "MSG foo 1 5\r\nhello\r\nPONG\r\n",
        real: "MSG foo 1 000000005\r\nhello\r\nPONG\r\n",
      },
      "HPUB: accepts leading zeros in both sizes": {
        ours: "HMSG foo 1 12 14\r\nNATS/1.0\r\n\r\nok\r\nPONG\r\n",
        real: "HMSG foo 1 0012 0014\r\nNATS/1.0\r\n\r\nok\r\nPONG\r\n",
      },
    },
    random: /^H?PUB[ \t].*[ \t]0\d+[ \t]*\r?\n/i,
  },
  {
    name: "A header block without its version is not relayed",
    reason:
      "A block that does not begin with `NATS/1.0` is rejected; the publisher stays connected (V5). nats-server relays it. Both relay every other block, whatever its lines.",
    scripts: {
      "HPUB: rejects a block without NATS/1.0": {
        ours: "-ERR 'Permissions Violation for Publish to \"foo\", malformed header block'\r\nPONG\r\n",
        real: "HMSG foo 1 5 7\r\nabcdeok\r\nPONG\r\n",
      },
    },
    random: /^HPUB(?!.*\r?\nNATS\/1\.0)/i,
  },
  {
    name: "The maximum of UNSUB must be a number",
    reason: "Digits only, or the connection is closed (V10). nats-server ends the subscription at once.",
    scripts: {
      "UNSUB: closes the connection if max is not a number": {
        ours: "(closed)",
        real: "PONG\r\n",
      },
      "UNSUB: closes the connection if max is negative": {
        ours: "(closed)",
        real: "PONG\r\n",
      },
      "UNSUB: closes the connection if max has a plus sign": {
        ours: "(closed)",
        real: "PONG\r\n",
      },
    },
    random: /^UNSUB[ \t]+\S+[ \t]+(?!\d+[ \t]*\r?\n)\S/i,
  },
  {
    name: "CONNECT comes first, even without credentials",
    reason:
      "A user for clients without credentials (`noAuthUser`, `no_auth_user`) is given to a client by its CONNECT (V1). In nats-server such a client needs none.",
    scripts: {
      "users with no_auth_user and bcrypt: differ before CONNECT": {
        ours: "-ERR 'Authorization Violation'\r\n(closed)",
        real: "PONG\r\n",
      },
    },
  },
  {
    name: "A client with an nkey or a JWT has credentials",
    reason: "It is not the user for clients without any. nats-server looks at name, password and token only.",
    scripts: {
      "users with no_auth_user and bcrypt: differ for a client with an nkey only": {
        ours: "-ERR 'Authorization Violation'\r\n(closed)",
        real: "PONG\r\n",
      },
    },
  },
  {
    name: "A denied subscription is rejected in every queue group",
    reason: "This user may not subscribe to `q.a`, nor to `q.a` in the group `q1` (V7). 2.9 accepts other groups.",
    scripts: {
      "permissions of queue groups: deny every subscription, and one group as well": {
        ours: 'PONG\r\n-ERR \'Permissions Violation for Subscription to "q.a"\'\r\n-ERR \'Permissions Violation for Subscription to "q.a" using queue "q1"\'\r\n-ERR \'Permissions Violation for Subscription to "q.a" using queue "q2"\'\r\nPONG\r\n',
        real: {
          "2.9":
            'PONG\r\n-ERR \'Permissions Violation for Subscription to "q.a"\'\r\n-ERR \'Permissions Violation for Subscription to "q.a" using queue "q1"\'\r\nPONG\r\n',
          "2.14":
            'PONG\r\n-ERR \'Permissions Violation for Subscription to "q.a"\'\r\n-ERR \'Permissions Violation for Subscription to "q.a" using queue "q1"\'\r\n-ERR \'Permissions Violation for Subscription to "q.a" using queue "q2"\'\r\nPONG\r\n',
        },
      },
    },
  },
  {
    name: "What is denied is never delivered",
    reason:
      "This user may not receive `*.x.y` (V7). 2.9 delivers it to a pattern that overlaps it in part, such as `a.x.*`.",
    scripts: {
      "permissions of queue groups: filter what is denied from a pattern that overlaps it in part": {
        ours: "PONG\r\nMSG a.x.z 1 2\r\nhi\r\nPONG\r\n",
        real: {
          "2.9": "PONG\r\nMSG a.x.y 1 2\r\nno\r\nMSG a.x.z 1 2\r\nhi\r\nPONG\r\n",
          "2.14": "PONG\r\nMSG a.x.z 1 2\r\nhi\r\nPONG\r\n",
        },
      },
    },
  },
  {
    name: "A subscription must be covered by a permission",
    reason:
      "This user may subscribe to `orders.*` and `orders.a.b`. `orders.>` is wider: it would also receive `orders.x.y` (V7). nats-server accepts it.",
    scripts: {
      "user authentication with permissions: rejects a subscription to a pattern wider than the allowed ones": {
        ours: "PONG\r\n-ERR 'Permissions Violation for Subscription to \"orders.>\"'\r\nPONG\r\n",
        real: "PONG\r\nPONG\r\n",
      },
    },
  },
];

/** What changed from 2.9 to the current release, checked with each. The embedded server follows `compat`. */
export const versionDifferences: readonly VersionDifference[] = [
  {
    name: "A reply subject that comes again uses up a response",
    scripts: {
      "permission to respond: differs after two requests with the same reply subject": {
        "2.9": {
          a: "PONG\r\nPONG\r\nMSG req 1 in.1 1\r\n?\r\nMSG req 1 in.1 1\r\n?\r\n-ERR 'Permissions Violation for Publish to \"in.1\"'\r\nPONG\r\n",
          b: "PONG\r\nPONG\r\nPONG\r\nMSG in.1 1 1\r\n0\r\n",
        },
        "2.14": {
          a: "PONG\r\nPONG\r\nMSG req 1 in.1 1\r\n?\r\nMSG req 1 in.1 1\r\n?\r\n-ERR 'Permissions Violation for Publish to \"in.1\"'\r\n-ERR 'Permissions Violation for Publish to \"in.1\"'\r\nPONG\r\n",
          b: "PONG\r\nPONG\r\nPONG\r\n",
        },
      },
    },
  },
  {
    name: "The 503 status names the subject",
    scripts: {
      "releases: differ in whether a 503 status names the subject": {
        "2.9": "HMSG in * 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPONG\r\n",
        "2.14": "HMSG in * 41 41\r\nNATS/1.0 503\r\nNats-Subject: some.body\r\n\r\n\r\nPONG\r\n",
      },
    },
  },
  {
    name: "INFO is sent again after the first PONG",
    scripts: {
      "releases: differ in INFO after the first PONG (protocol 1)": {
        "2.9": "PONG\r\nPONG\r\n",
        "2.14": 'PONG\r\nINFO {"connect_info":true}\r\nPONG\r\n',
      },
      "releases: send no INFO after the first PONG (protocol 0)": {
        "2.9": "PONG\r\nPONG\r\n",
        "2.14": "PONG\r\nPONG\r\n",
      },
    },
  },
  {
    name: "$SYS.REQ.USER.INFO is answered",
    scripts: {
      "releases: differ in whether $SYS.REQ.USER.INFO is answered": {
        "2.9": "HMSG in * 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPONG\r\n",
        "2.14": 'MSG in 1 *\r\n{"user":"","account":"$G","account_name":"$G"}\r\nPONG\r\n',
      },
    },
  },
  {
    name: "A message that is only traced is not delivered",
    scripts: {
      "releases: differ in whether a message that is only traced is delivered": {
        "2.9": "HMSG foo 2 in 55 59\r\nNATS/1.0\r\nNats-Trace-Dest: t\r\nNats-Trace-Only: True\r\n\r\nonly\r\nPONG\r\n",
        "2.14": "PONG\r\n",
      },
    },
  },
  {
    name: "$NRG. is reserved for clusters",
    scripts: {
      "releases: differ in whether $NRG. is reserved for clusters": {
        "2.9": "MSG $NRG.x 1 1\r\na\r\nPONG\r\n",
        "2.14": "-ERR 'Permissions Violation for Publish to \"$NRG.x\"'\r\nPONG\r\n",
      },
    },
  },
];
