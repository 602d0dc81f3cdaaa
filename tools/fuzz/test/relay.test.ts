// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Decoder, encode, type Msg, serverFrames } from "@natswire/codec";
import { expect, it } from "vitest";
import { startNatsServer } from "../../repo/nats-server.ts";
import { Random } from "../../repo/random.ts";
import { concat, latin1 } from "../src/escape.ts";

const PUBLISHES = 3000;
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
const blocks = [
  "",
  "N",
  "NATS/1.0",
  "NATS/1.0\r\n",
  "NATS/1.0\r\nA b\r\n\r\n",
  "NATS/1.0\r\n\xff: \r\n\r\n",
  "\r\n\r\n",
];

it(`what a real server relays of ${PUBLISHES} hostile publishes is never fatal, and every flaw is flagged`, async () => {
  const server = await startNatsServer("");
  const random = new Random(20_260_101);
  const received: Msg[] = [];
  const subscriber = await open(server.port, "SUB > 1\r\nPING\r\n");
  const decoder = new Decoder(serverFrames);
  let closed = false;
  subscriber.on("close", () => {
    closed = true;
  });
  const done = new Promise<void>((resolve, reject) => {
    subscriber.on("data", (chunk) => {
      decoder.push(chunk);
      try {
        for (const frame of decoder) {
          if (frame.op !== "msg") continue;
          if (frame.subject === "the.end") return resolve();
          received.push({ ...frame, payload: frame.payload.slice() });
        }
      } catch (error) {
        reject(error as Error);
      }
    });
  });
  try {
    const publisher = await open(server.port, "PING\r\n");
    const sent = Array.from({ length: PUBLISHES }, () => hostile(random));
    publisher.write(concat(sent.map(({ bytes }) => bytes)));
    publisher.write("PUB the.end 0\r\n\r\n");
    await done;
    publisher.destroy();
    expect(closed).toBe(false);
    // What an empty token makes match nothing is not delivered, not even to a subscriber of everything.
    const expected = sent.filter(({ subject }) => !/^\.|\.\.|\.$/.test(subject));
    expect(received.length).toBe(expected.length);
    for (const [i, { flaw, payload }] of received.entries()) {
      expect({ i, payload: payload.length, flaw }).toEqual({ i, payload: expected[i]!.size, flaw: expected[i]!.flaw });
    }
    expect(new Set(received.map(({ flaw }) => flaw)).size).toBe(4);
  } finally {
    subscriber.destroy();
    await server.stop();
  }
});

interface Hostile {
  readonly bytes: Uint8Array;
  readonly subject: string;
  /** Bytes of the payload, without headers. */
  readonly size: number;
  readonly flaw: Msg["flaw"];
}

/** A publish a server accepts and no well-meaning client sends. */
function hostile(random: Random): Hostile {
  const subject = name(random);
  const reply = random.once(2) ? name(random) : undefined;
  const payload = "x".repeat(random.below(20));
  const block = random.once(2) ? random.pick(blocks) : undefined;
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
    flaw: flaw ?? (reply !== undefined && isOdd(reply) ? "reply" : undefined),
  };
}

function name(random: Random): string {
  let text = random.pick(["a", "foo.bar", "_INBOX.x"]);
  for (let count = random.below(3); count > 0; count--)
    text += random.pick(odd) + random.pick(["", "b", "\r"]).trimEnd();
  // A CR before the blank would be the end of nothing; before the LF it would be the line's.
  return `${text}z`;
}

/** What the protocol calls a flaw, told by a regular expression and a strict decoder. */
function isOdd(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\x00-\x20\x7f]|^\.|\.\.|\.$/.test(text)) return true;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(latin1(text));
    return false;
  } catch {
    return true;
  }
}

/** A connection that has said CONNECT and these lines, and was answered. */
async function open(port: number, lines: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  const options = { verbose: false, pedantic: false, headers: true };
  socket.write(encode({ op: "connect", options }));
  socket.write(lines);
  let heard = "";
  while (!heard.includes("PONG\r\n")) heard += String((await once(socket, "data"))[0]);
  return socket;
}
