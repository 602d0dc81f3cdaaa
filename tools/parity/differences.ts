// SPDX-License-Identifier: Apache-2.0
import type { Difference, VersionDifference } from "./src/difference.ts";

const deep = `${"a.".repeat(256)}a`;
const long = "x".repeat(1025);

/**
 * Every difference between ours and a real nats-server, each on purpose. The tests read it: one that is no longer there
 * fails, and so does one that is not here. docs/differences.md is made from it.
 */
export const differences: readonly Difference[] = [
  {
    name: "a second CONNECT is refused",
    reason:
      "A connection is who it said it is to its end (V2). The reference server takes it; from 2.14 on it drops the subscriptions there.",
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
    name: "PING, PONG and +OK end with the line",
    reason: "Behind the word come blanks only; the reference server skips anything up to the next LF, without a limit.",
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
    name: "a client says what clients say",
    reason:
      "`+OK`, `-ERR` and `INFO` are a server's. The reference server reads them from a client and ignores them, or closes without a word.",
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
    name: "a blank stands behind CONNECT",
    reason: "As behind every other verb.",
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
    name: "CONNECT is an object",
    reason: "`null` is none, and the names of its fields are told apart by upper and lower case.",
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
    name: "1.0 is a whole number",
    reason: "JSON has one kind of number; the reference server tells by the spelling.",
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
    name: "a line is counted from its verb",
    reason:
      "One limit for every verb, wide enough for all that the reference server takes in canonical spelling; it counts behind the verb and its blanks.",
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
    name: "a CR is a letter",
    reason:
      "One that no LF follows is a byte of a token. What the reference server makes of it depends on where the stream was cut.",
    scripts: {
      "lines: a CR in the midst of SUB": {
        ours: "(closed)",
        real: "MSG foo 1 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "a line end is a line end",
    reason: "Right behind the blanks of a verb too; the reference server takes it into the subject.",
    scripts: {
      "lines: a line end right behind PUB and a blank": {
        ours: "(closed)",
        real: "MSG \nfoo 1 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "nobody is sent an odd subject",
    reason:
      "A subject with an empty token, a control byte or what is no UTF-8 ends at its publisher, which is told and stays (V5); the reference server relays it, and some clients break on it.",
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
    name: "pedantic tells once",
    reason: "The reference server looks at the subject again where the payload comes later, and tells of it twice.",
    scripts: {
      "PUB: pedantic: it is told once, though the payload comes later": {
        ours: "-ERR 'Invalid Publish Subject'\r\nMSG foo.* 1 2\r\nok\r\nPONG\r\n",
        real: "-ERR 'Invalid Publish Subject'\r\n-ERR 'Invalid Publish Subject'\r\nMSG foo.* 1 2\r\nok\r\nPONG\r\n",
      },
    },
  },
  {
    name: "nobody is sent an odd reply subject",
    reason: "The same for the subject to reply to.",
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
    name: "nobody subscribes to an odd subject",
    reason: "Nothing with a control byte, or that is no UTF-8, is ever published (V5).",
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
    name: "a sid is UTF-8",
    reason: "It goes back as it came, and what is no UTF-8 could not.",
    scripts: {
      "SUB: a sid that is no UTF-8": {
        ours: "-ERR 'Invalid Subject'\r\nPONG\r\n",
        real: "MSG foo \u00ff\u00fe 1\r\na\r\nPONG\r\n",
      },
    },
  },
  {
    name: "sizes are written anew",
    reason: "A relayed line is encoded, never copied: without the zeros before the number (V5).",
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
    name: "nobody is sent broken headers",
    reason:
      "A header block that is malformed ends at its publisher, which is told and stays (V5); the reference server relays it.",
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
    name: "UNSUB's max is a number",
    reason:
      "One to nine digits, or the connection is closed (V10); the reference server ends the subscription at once.",
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
    name: "a subject has its limits",
    reason: "At most 256 tokens and 1,024 bytes (V4), so that matching has its bounds.",
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
    name: "all that a subscription can receive is allowed",
    reason: "`foo.>` is not allowed by `foo.*` (V7); the reference server lets it in.",
    scripts: {
      "users with permissions: a wider pattern than what is allowed": {
        ours: "PONG\r\n-ERR 'Permissions Violation for Subscription to \"orders.>\"'\r\nPONG\r\n",
        real: "PONG\r\nPONG\r\n",
      },
    },
  },
];

/** What the current server does and 2.9 does not, checked with each; ours is as `compat` says. */
export const versionDifferences: readonly VersionDifference[] = [
  {
    name: "the status 503 names the subject",
    scripts: {
      "versions: the subject of a request that nobody received": {
        "2.9": "HMSG in * 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPONG\r\n",
        "2.14": "HMSG in * 41 41\r\nNATS/1.0 503\r\nNats-Subject: some.body\r\n\r\n\r\nPONG\r\n",
      },
    },
  },
  {
    name: "INFO comes again behind the first PONG",
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
    name: "$NRG. is kept for clusters",
    scripts: {
      "versions: a subject that only clusters use": {
        "2.9": "MSG $NRG.x 1 1\r\na\r\nPONG\r\n",
        "2.14": "-ERR 'Permissions Violation for Publish to \"$NRG.x\"'\r\nPONG\r\n",
      },
    },
  },
];
