// SPDX-License-Identifier: Apache-2.0
import fc from "fast-check";
import type { Step } from "./script.ts";

/** One operation of one connection, and where to cut it in two. */
export type Op = readonly [who: string, text: string, cut?: number];

/**
 * Generates what up to three clients send: mostly valid operations, sometimes almost valid ones.
 *
 * The protocol leaves open which member of a queue group receives a message. So members send UNSUB without a number: with
 * one, the membership would depend on who received what. The transcript removes what else is open. Invalid operations are
 * not cut, because nats-server treats some of them differently depending on the cut.
 */
export function conversations(): fc.Arbitrary<Conversation> {
  return conversationsOf(() => connect, valid);
}

/**
 * Generates the same between users with permissions, and with requests to reply subjects that only a response may be published to. No
 * queue group receives messages: the member that does may respond.
 */
export function conversationsOfUsers(): fc.Arbitrary<Conversation> {
  const credentials = (who: string): fc.Arbitrary<string> =>
    connect.map((line) => line.replace("{", `{"user":"${who}","pass":"${who}",`));
  return conversationsOf(credentials, fc.oneof({ weight: 3, arbitrary: alone }, { weight: 2, arbitrary: requests }));
}

/** What up to three clients send: first CONNECT, or nothing, and then operations. */
export interface Conversation {
  readonly connects: readonly Op[];
  readonly ops: readonly Op[];
}

function conversationsOf(
  connectOf: (who: string) => fc.Arbitrary<string>,
  valid: fc.Arbitrary<string>,
): fc.Arbitrary<Conversation> {
  const who = fc.constantFrom("a", "b", "c");
  const firstLine = (name: string): fc.Arbitrary<Op> =>
    fc
      .oneof({ weight: 9, arbitrary: connectOf(name) }, { weight: 1, arbitrary: fc.constant("") })
      .map((text) => [name, text]);
  const connects = fc.tuple(firstLine("a"), firstLine("b"), firstLine("c"));
  const op = fc.oneof(
    { weight: 18, arbitrary: fc.tuple(who, valid) },
    { weight: 1, arbitrary: fc.tuple(who, valid, fc.nat()) },
    { weight: 1, arbitrary: fc.tuple(who, almostValid) },
  );
  return fc.record({ connects, ops: fc.array(op, { minLength: 1, maxLength: 30, size: "max" }) });
}

/** Adds a PING to each operation, so that its effect is compared at once. */
export function steps(ops: readonly Op[]): Step[] {
  return ops.flatMap(([who, text, cut]): Step[] => {
    if (cut === undefined) return [[who, `${text}PING\r\n`]];
    const at = 1 + (cut % (text.length - 1));
    return [
      [who, text.slice(0, at), "more"],
      [who, `${text.slice(at)}PING\r\n`],
    ];
  });
}

const connect = fc
  .record({
    verbose: rarely(false),
    pedantic: rarely(false),
    echo: rarely(true),
    headers: fc.boolean(),
    no_responders: fc.boolean(),
  })
  .map(
    (options) =>
      `CONNECT ${JSON.stringify({ ...options, no_responders: options.headers && options.no_responders })}\r\n`,
  );

// Few of each, so that subscriptions match.
const token = fc.constantFrom("a", "b");
const subject = fc.oneof(
  { weight: 3, arbitrary: token },
  { weight: 2, arbitrary: fc.array(token, { minLength: 2, maxLength: 3 }).map((tokens) => tokens.join(".")) },
);
const pattern = fc.oneof(
  subject,
  fc.array(fc.constantFrom("a", "b", "*"), { minLength: 1, maxLength: 3 }).map((tokens) => tokens.join(".")),
  fc.array(fc.constantFrom("a", "*"), { maxLength: 2 }).map((tokens) => [...tokens, ">"].join(".")),
);
const blank = fc.oneof(
  { weight: 12, arbitrary: fc.constant(" ") },
  { weight: 1, arbitrary: fc.constantFrom("  ", "\t", " \t ") },
);
const end = fc.oneof(
  { weight: 12, arbitrary: fc.constant("\r\n") },
  { weight: 1, arbitrary: fc.constantFrom("\n", " \r\n") },
);
const plain = fc.constantFrom("1", "2");
const member = fc.constantFrom("qx1", "qx2", "qy1", "qy2");
const payload = fc.stringMatching(/^[a-z]{0,6}$/);
const block = fc.constantFrom("NATS/1.0\r\n\r\n", "NATS/1.0\r\nA: b\r\n\r\n");

const sub = line("SUB", pattern, plain);
const join = fc
  .tuple(pattern, member, blank, end)
  .map(([subject, sid, b, eol]) => `SUB${b}${subject}${b}${sid[1]}${b}${sid}${eol}`);
const unsub = fc.oneof(
  line("UNSUB", fc.oneof(plain, member)),
  line("UNSUB", plain, fc.constantFrom("0", "1", "2", "3")),
);
const limited = fc
  .tuple(pattern, plain, fc.constantFrom(1, 2, 3))
  .map(([subject, sid, max]) => `SUB ${subject} ${sid}\r\nUNSUB ${sid} ${max}\r\n`);
const pub = fc
  .tuple(word("PUB"), subject, fc.option(subject), payload, blank, end)
  .map(([verb, to, reply, body, b, eol]) => `${[verb, to, ...some(reply), body.length].join(b)}${eol}${body}\r\n`);
const hpub = fc
  .tuple(word("HPUB"), subject, fc.option(subject), block, payload, blank, end)
  .map(([verb, to, reply, head, body, b, eol]) => {
    const args = [verb, to, ...some(reply), head.length, head.length + body.length];
    return `${args.join(b)}${eol}${head}${body}\r\n`;
  });
const alone = fc.oneof(
  { weight: 4, arbitrary: sub },
  { weight: 3, arbitrary: limited },
  { weight: 3, arbitrary: unsub },
  { weight: 8, arbitrary: pub },
  { weight: 3, arbitrary: hpub },
  { weight: 1, arbitrary: fc.constantFrom("PING\r\n", "PONG\r\n", "ping\n") },
);
const valid = fc.oneof({ weight: 19, arbitrary: alone }, { weight: 3, arbitrary: join });

// Few reply subjects, so that they come again.
const reply = fc.constantFrom("r.1", "r.2", "r.3");
const requests = fc.oneof(
  fc.tuple(subject, reply).map(([to, from]) => `PUB ${to} ${from} 1\r\n?\r\n`),
  reply.map((to) => `PUB ${to} 1\r\n!\r\n`),
  fc.constantFrom("SUB r.> 2\r\n", "SUB r.* 1\r\n"),
  fc
    .tuple(pattern, fc.constantFrom("x", "y", "x.a", "x.b", "z"), plain)
    .map(([subject, queue, sid]) => `SUB ${subject} ${queue} ${sid}\r\nUNSUB ${sid}\r\n`),
);

// Wrong sizes are slightly wrong: the rest must not make them right again, nor be shorter than the size.
const offBy = fc.constantFrom(-1, 1, 2);
const number = fc.constantFrom("-1", "+1", "1x", "0000000001", "x", "1.0", "007", "1048577");
const almostValid = fc.oneof(
  fc
    .tuple(
      subject,
      payload.filter((body) => body.length > 0),
      offBy,
    )
    .map(([to, body, by]) => `PUB ${to} ${body.length + by}\r\n${body}\r\n`),
  line("PUB", subject, number),
  line("PUB", fc.constantFrom("a..b", ".a", "a.", "*", "a.*", ">", "a.>", "a*"), fc.constant("0")).map(
    (l) => `${l}\r\n`,
  ),
  line("PUB", subject, fc.constantFrom("a..b", "_R_.x", "$JS.ACK.x", "_GR_.x", "*"), fc.constant("0")).map(
    (l) => `${l}\r\n`,
  ),
  line("PUB", fc.constantFrom("_GR_.x", "$SYS.x", "$JS.API.INFO"), subject, fc.constant("0")).map((l) => `${l}\r\n`),
  line("SUB", fc.constantFrom("a..b", ".a", "a.", ">.a", "a.>.b", "a*", "**"), plain),
  line("SUB", subject, fc.constant("_sys_"), plain),
  line("SUB", subject),
  line("SUB", subject, subject, subject, plain),
  line("PUB", subject),
  line("PUB", subject, subject, subject, fc.constant("0")),
  line("UNSUB", plain, number),
  line("UNSUB", plain, plain, plain),
  line("HPUB", subject, fc.constantFrom("3 2", "12", "x 2", "2 x", "-1 2")),
  fc.constantFrom("HPUB a 2 2\r\nxx\r\n", "HPUB a 0 1\r\nx\r\n"),
  fc.constantFrom(
    "PINGx\r\n",
    "PINK\r\n",
    "+OK\r\n",
    "-ERR x\r\n",
    "INFO {}\r\n",
    "MSG a 1 0\r\n\r\n",
    " PING\r\n",
    "\r\n",
  ),
  connect,
);

function line(verb: string, ...args: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc
    .tuple(word(verb), blank, end, ...args)
    .map(([text, b, eol, ...given]) => `${[text, ...given].join(b)}${eol}`);
}

function word(verb: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(verb) },
    { weight: 1, arbitrary: fc.constant(verb.toLowerCase()) },
  );
}

function some<T>(value: T | null): T[] {
  return value === null ? [] : [value];
}

/** Generates a field that mostly has this value. */
function rarely(usual: boolean): fc.Arbitrary<boolean> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constant(!usual) });
}
