// SPDX-License-Identifier: Apache-2.0
import type { Difference, VersionDifference } from "./src/difference.ts";

const deep = `${"a.".repeat(256)}a`;
const long = "x".repeat(1025);

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
      "versions: a second CONNECT": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: { "2.9": "MSG foo 1 1\r\na\r\nPONG\r\n", "2.14": "PONG\r\n" },
      },
      "versions: a second CONNECT may change one's mind": {
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
      "lines: PING and junk": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "PONG\r\nPONG\r\n",
      },
      "lines: PING, CR, blanks and LF": {
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
      "lines: +OK from a client": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "PONG\r\n",
      },
      "lines: -ERR from a client": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "(closed)",
      },
      "lines: INFO from a client": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "PONG\r\n",
      },
      "lines: INFO from a client that is no JSON": {
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
      "CONNECT: nothing behind the word": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "(closed)",
      },
      "CONNECT: no blank behind the word": {
        ours: "-ERR 'Unknown Protocol Operation'\r\n(closed)",
        real: "+OK\r\nPONG\r\n",
      },
    },
  },
  {
    name: "CONNECT is a JSON object",
    reason: "`null` is not an object, and field names are case-sensitive.",
    scripts: {
      "CONNECT: fields in capitals": {
        ours: "+OK\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "CONNECT: null": {
        ours: "(closed)",
        real: "+OK\r\nPONG\r\n",
      },
    },
  },
  {
    name: "1.0 is an integer",
    reason: "JSON has one kind of number. nats-server decides by the spelling.",
    scripts: {
      "CONNECT: 1.0 for 1": {
        ours: { "2.9": "PONG\r\n", "2.14": 'PONG\r\nINFO {"connect_info":true}\r\n' },
        real: "(closed)",
      },
      "CONNECT: 1e0 for 1": {
        ours: { "2.9": "PONG\r\n", "2.14": 'PONG\r\nINFO {"connect_info":true}\r\n' },
        real: "(closed)",
      },
    },
  },
  {
    name: "The limit of a control line includes the verb",
    reason:
      "One limit for every verb, large enough for everything that nats-server accepts in canonical spelling. nats-server does not count the verb and its blanks.",
    scripts: {
      "a control line of at most 64 bytes: UNSUB between the two ways to count": {
        ours: "-ERR 'maximum control line exceeded'\r\n(closed)",
        real: "+OK\r\nPONG\r\n",
      },
      "the usual control line: SUB between the two ways to count": {
        ours: "PONG\r\n",
        real: "-ERR 'maximum control line exceeded'\r\n(closed)",
      },
      "lines: five thousand blanks before the subject": {
        ours: "-ERR 'maximum control line exceeded'\r\n(closed)",
        real: "MSG foo 1 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "A CR without LF is part of a token",
    reason: "In nats-server the result depends on where the stream was cut.",
    scripts: {
      "lines: a CR in the midst of SUB": {
        ours: "(closed)",
        real: "MSG foo 1 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "A line end after a verb and a blank ends the line",
    reason: "nats-server makes it part of the subject.",
    scripts: {
      "lines: a line end right behind PUB and a blank": {
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
      "PUB: an empty token in the subject": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "PUB: a subject that ends in a point": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "PUB: a subject that begins with a point": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "PUB: a subject of a point": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "PUB: control bytes in the subject": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG f\u0001\u007f 1 2\r\nok\r\nPONG\r\n",
      },
      "PUB: NUL in the subject": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG f\u0000o 1 2\r\nok\r\nPONG\r\n",
      },
      "PUB: bytes in the subject that are no UTF-8": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG f\u00ff 1 2\r\nok\r\nPONG\r\n",
      },
      "verbose: PUB with an empty token that pedantic complains of": {
        ours: "+OK\r\n-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "+OK\r\n-ERR 'Invalid Publish Subject'\r\n+OK\r\nPONG\r\n",
      },
      "lines: a CR in the midst of PUB": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG fo\ro 1 1\r\na\r\nPONG\r\n",
      },
    },
    random: /^H?PUB[ \t]+(\S*\.\.\S*|\.\S*|\S*\.)[ \t]/i,
  },
  {
    name: "A pedantic error is sent once",
    reason: "nats-server checks the subject again if the payload arrives later, and sends the error twice.",
    scripts: {
      "PUB: pedantic: it is told once, though the payload comes later": {
        ours: "-ERR 'Invalid Publish Subject'\r\nMSG foo.* 1 2\r\nok\r\nPONG\r\n",
        real: "-ERR 'Invalid Publish Subject'\r\n-ERR 'Invalid Publish Subject'\r\nMSG foo.* 1 2\r\nok\r\nPONG\r\n",
      },
    },
  },
  {
    name: "Invalid reply subjects are not relayed",
    reason: "The same for the reply subject.",
    scripts: {
      "PUB: control bytes in the reply subject": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG foo 1 r\u0001 2\r\nok\r\nPONG\r\n",
      },
      "PUB: wildcards and empty tokens in the reply subject": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG foo 1 bar..* 2\r\nok\r\nPONG\r\n",
      },
      "PUB: a reply subject that is their prefix": {
        ours: "-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "-ERR 'Permissions Violation for Publish with Reply of \"_R_.\"'\r\nPONG\r\n",
      },
      "PUB: a reply subject that is JetStream's prefix": {
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
      "SUB: a subject with control bytes": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "SUB: a subject with NUL": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "SUB: a subject that is no UTF-8": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "PONG\r\n",
      },
      "lines: vertical tab, form feed and no-break space are no blanks": {
        ours: "-ERR 'Invalid Subject'\r\n-ERR 'Invalid Publish Subject'\r\nPONG\r\n",
        real: "MSG a\u000bb\fc\u00c2\u00a0d 1 1\r\na\r\nMSG a\u000bb\fc\u00c2\u00a0d 2 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "A sid must be valid UTF-8",
    reason: "It is sent back unchanged, which is impossible for invalid UTF-8.",
    scripts: {
      "SUB: a sid that is no UTF-8": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "MSG foo \u00ff\u00fe 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "Sizes are relayed without leading zeros",
    reason: "A relayed line is encoded, never copied (V5).",
    scripts: {
      "PUB: a size with zeros before it": {
        ours: "MSG foo 1 5\r\nhello\r\nPONG\r\n",
        real: "MSG foo 1 000000005\r\nhello\r\nPONG\r\n",
      },
      "HPUB: zeros before both sizes": {
        ours: "HMSG foo 1 12 14\r\nNATS/1.0\r\n\r\nok\r\nPONG\r\n",
        real: "HMSG foo 1 0012 0014\r\nNATS/1.0\r\n\r\nok\r\nPONG\r\n",
      },
    },
    random: /^H?PUB[ \t].*[ \t]0\d+[ \t]*\r?\n/i,
  },
  {
    name: "Malformed headers are not relayed",
    reason: "A malformed header block is rejected; the publisher stays connected (V5). nats-server relays it.",
    scripts: {
      "HPUB: a block that is none": {
        ours: "-ERR 'Permissions Violation for Publish to \"foo\", malformed header block'\r\nPONG\r\n",
        real: "HMSG foo 1 5 7\r\nabcdeok\r\nPONG\r\n",
      },
      "HPUB: a block without its empty line": {
        ours: "-ERR 'Permissions Violation for Publish to \"foo\", malformed header block'\r\nPONG\r\n",
        real: "HMSG foo 1 10 12\r\nNATS/1.0\r\nok\r\nPONG\r\n",
      },
      "HPUB: a header without a colon": {
        ours: "-ERR 'Permissions Violation for Publish to \"foo\", malformed header block'\r\nPONG\r\n",
        real: "HMSG foo 1 15 17\r\nNATS/1.0\r\nA\r\n\r\nok\r\nPONG\r\n",
      },
      "HPUB: a blank in a header's name": {
        ours: "-ERR 'Permissions Violation for Publish to \"foo\", malformed header block'\r\nPONG\r\n",
        real: "HMSG foo 1 20 22\r\nNATS/1.0\r\nA B: c\r\n\r\nok\r\nPONG\r\n",
      },
    },
    random: /^HPUB(?!.*\r?\nNATS\/1\.0\r\n)/i,
  },
  {
    name: "The maximum of UNSUB must be a number",
    reason: "One to nine digits, or the connection is closed (V10). nats-server ends the subscription at once.",
    scripts: {
      "UNSUB: max of ten digits": {
        ours: "(closed)",
        real: "PONG\r\n",
      },
      "UNSUB: max that is no number": {
        ours: "(closed)",
        real: "PONG\r\n",
      },
      "UNSUB: max below 0": {
        ours: "(closed)",
        real: "PONG\r\n",
      },
      "UNSUB: max with a plus": {
        ours: "(closed)",
        real: "PONG\r\n",
      },
    },
    random: /^UNSUB[ \t]+\S+[ \t]+(?!\d{1,9}[ \t]*\r?\n)\S/i,
  },
  {
    name: "Subjects have limits",
    reason: "At most 256 tokens and 1,024 bytes (V4), so that matching has bounded cost.",
    scripts: {
      "PUB: a subject of 1,025 bytes": {
        ours: `-ERR 'Permissions Violation for Publish to "${long}", too long'\r\nPONG\r\n`,
        real: `MSG ${long} 1 2\r\nok\r\nPONG\r\n`,
      },
      "PUB: a subject of 257 tokens": {
        ours: `-ERR 'Permissions Violation for Publish to "${deep}", too many tokens'\r\nPONG\r\n`,
        real: `MSG ${deep} 1 2\r\nok\r\nPONG\r\n`,
      },
      "SUB: a subject of 1,025 bytes": {
        ours: `-ERR 'Permissions Violation for Subscription to "${long}", too long'\r\nPONG\r\n`,
        real: "PONG\r\n",
      },
      "SUB: a subject of 257 tokens": {
        ours: `-ERR 'Permissions Violation for Subscription to "${deep}", too many tokens'\r\nPONG\r\n`,
        real: "PONG\r\n",
      },
    },
  },
  {
    name: "A subscription must be covered by a permission",
    reason: "`foo.>` is not covered by `foo.*` (V7). nats-server accepts it.",
    scripts: {
      "users with permissions: a wider pattern than what is allowed": {
        ours: "PONG\r\n-ERR 'Permissions Violation for Subscription to \"orders.>\"'\r\nPONG\r\n",
        real: "PONG\r\nPONG\r\n",
      },
    },
  },
];

/** What changed from 2.9 to the current release, checked with each. The embedded server follows `compat`. */
export const versionDifferences: readonly VersionDifference[] = [
  {
    name: "The 503 status names the subject",
    scripts: {
      "versions: the subject of a request that nobody received": {
        "2.9": "HMSG in * 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPONG\r\n",
        "2.14": "HMSG in * 41 41\r\nNATS/1.0 503\r\nNats-Subject: some.body\r\n\r\n\r\nPONG\r\n",
      },
    },
  },
  {
    name: "INFO is sent again after the first PONG",
    scripts: {
      "versions: INFO behind the first PONG": {
        "2.9": "PONG\r\nPONG\r\n",
        "2.14": 'PONG\r\nINFO {"connect_info":true}\r\nPONG\r\n',
      },
      "versions: no INFO behind the first PONG for protocol 0": {
        "2.9": "PONG\r\nPONG\r\n",
        "2.14": "PONG\r\nPONG\r\n",
      },
    },
  },
  {
    name: "$NRG. is reserved for clusters",
    scripts: {
      "versions: a subject that only clusters use": {
        "2.9": "MSG $NRG.x 1 1\r\na\r\nPONG\r\n",
        "2.14": "-ERR 'Permissions Violation for Publish to \"$NRG.x\"'\r\nPONG\r\n",
      },
    },
  },
];
