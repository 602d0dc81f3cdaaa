// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import type { Msg } from "@natswire/codec";
import { latin1 } from "../../testkit/latin1.ts";
import type { Random } from "../../testkit/random.ts";
import { RawClient } from "../../testkit/raw-client.ts";

const odd = [
  "\0",
  "\x01",
  "\x7f",
  "\x80",
  "\xff",
  "\xc3",
  "\xed\xa0\x80",
  "\x0b",
  "\x0c",
  "\x85",
  "\xa0",
  "\r",
  "..",
  "é",
];
// With the names of the headers that are decoded; none without NATS/1.0, or if the block is empty (a server relays no empty block).
const blocks: readonly (readonly [block: string, names?: readonly string[]])[] = [
  [""],
  ["N"],
  ["NATS/1.0", []],
  ["NATS/1.0\r\n", []],
  ["NATS/1.0\r\nA b\r\nB: c\r\n\r\n", ["B"]],
  ["NATS/1.0\r\n\xff: \r\n\r\n", []],
  ["NATS/1.0\r\nA: b\r\n\r\n", ["A"]],
  ["\r\n\r\n"],
];

/** A publish that a server accepts and no correct client sends. */
export interface Hostile {
  readonly bytes: Uint8Array;
  readonly subject: string;
  /** The size of the payload in bytes, without headers. */
  readonly size: number;
  /** The names of its headers; `undefined` if it has no block, or one that does not begin with NATS/1.0. */
  readonly names: readonly string[] | undefined;
  readonly flaw: Msg["flaw"];
}

/** Generates a hostile publish. */
export function hostile(random: Random): Hostile {
  const subject = name(random);
  const reply = random.once(2) ? name(random) : undefined;
  const payload = "x".repeat(random.below(20));
  const [block, names] = random.once(2) ? random.pick(blocks) : [];
  const padded = (n: number): string => String(n).padStart(1 + random.below(9), "0");
  const blank = random.pick([" ", "\t", "  ", " \t "]);
  const words = [block === undefined ? "pUb" : "HPUB", subject];
  if (reply !== undefined) words.push(reply);
  if (block !== undefined) words.push(padded(block.length));
  words.push(padded((block?.length ?? 0) + payload.length));
  const bytes = latin1(`${words.join(blank)}\r\n${block ?? ""}${payload}\r\n`);
  const flaw = isOdd(subject) ? (reply !== undefined && isOdd(reply) ? "both" : "subject") : undefined;
  return {
    bytes,
    subject,
    size: payload.length,
    names,
    flaw: flaw ?? (reply !== undefined && isOdd(reply) ? "reply" : undefined),
  };
}

function name(random: Random): string {
  let text = random.pick(["a", "foo.bar", "_INBOX.x"]);
  for (let count = random.below(3); count > 0; count--)
    text += random.pick(odd) + random.pick(["", "b", "\r"]).trimEnd();
  // A CR before the blank ends nothing; before the LF it would end the line.
  return `${text}z`;
}

/** Returns whether a name has a flaw, by a regular expression and a strict decoder. */
function isOdd(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are flaws
  if (/[\x00-\x20\x7f]|^\.|\.\.|\.$/.test(text)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(latin1(text));
    return false;
  } catch {
    return true;
  }
}

/** Returns whether a server relays a subject: with an empty token it matches no subscription, not even `>`. */
export function isRelayed({ subject }: Hostile): boolean {
  return !/^\.|\.\.|\.$/.test(subject);
}

/** Opens a connection, sends CONNECT and these lines, of which the last is PING, and waits for the PONG. */
export async function open(port: number, lines: string): Promise<Socket> {
  const client = new RawClient(port);
  client.send(`CONNECT {"verbose":false,"pedantic":false,"headers":true}\r\n${lines}`);
  await client.until("PONG\r\n");
  return client.socket;
}
