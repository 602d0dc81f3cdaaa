// SPDX-License-Identifier: Apache-2.0
// A child process with a small heap: runs one case by name, and prints how many bytes more it held at most.
import { Decoder, ProtocolError, Scanner, serverFrames } from "@natswire/codec";
import { clientCases, throughAClient } from "./client-memory.ts";
import { beClients, serverCases } from "./server-memory.ts";

const MEBIBYTE = 1 << 20;
const chunkOf = (text: string, size: number): Uint8Array => new Uint8Array(size).fill(text.charCodeAt(0));
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** The cases. Each calls `look` when it holds most, and returns what must stay alive until then. */
export type Case = (look: () => void) => unknown;

const cases: Readonly<Record<string, Case>> = {
  "a MSG line of 64 MiB without end": (look) => endless("MSG ", 64, look),
  "an INFO of 64 MiB without end": (look) => endless('INFO {"a":"', 64, look),
  "1,000 connections that declare 1 MiB": (look) => {
    const decoders = Array.from({ length: 1000 }, () => {
      const decoder = new Decoder(serverFrames);
      decoder.push(ascii("MSG a 1 1048576\r\nx"));
      decoder.pull();
      return decoder;
    });
    look();
    return decoders;
  },
  "a million PINGs that are scanned": (look) => {
    const scanner = new Scanner(serverFrames);
    const chunk = ascii("PING\r\n".repeat(1000));
    for (let i = 0; i < 1000; i++) {
      scanner.push(chunk);
      while (scanner.next() !== 0);
    }
    look();
    return scanner;
  },
  "a million PINGs that are not pulled": (look) => {
    const decoder = new Decoder(serverFrames);
    const chunk = ascii("PING\r\n".repeat(10_000));
    // The chunks belong to the caller. Only what the decoder adds is counted.
    for (let i = 0; i < 100; i++) decoder.push(chunk);
    look();
    return decoder;
  },
  "100 MiB of messages that are dropped": (look) => {
    const decoder = new Decoder(serverFrames);
    const message = ascii(`MSG a 1 1000\r\n${"x".repeat(1000)}\r\n`);
    for (let i = 0; i < 100_000; i++) {
      // Cut in two, so that all of it goes through the carry.
      decoder.push(message.subarray(0, 500));
      decoder.pull();
      decoder.push(message.subarray(500));
      decoder.pull();
    }
    look();
    return decoder;
  },
  ...serverCases,
  ...clientCases,
};

function endless(start: string, mebibytes: number, look: () => void): unknown {
  const decoder = new Decoder(serverFrames);
  const chunk = chunkOf("a", 65_536);
  let most = false;
  try {
    decoder.push(ascii(start));
    for (let i = 0; i < (mebibytes * MEBIBYTE) / chunk.length; i++) {
      decoder.pull();
      decoder.push(chunk);
      // The last chunk before the limit is where it holds most.
      if (decoder.buffered > (start.startsWith("MSG") ? 0 : MEBIBYTE - chunk.length) && !most) {
        most = true;
        look();
      }
    }
    decoder.pull();
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== "LINE_TOO_LONG") throw error;
    return decoder;
  }
  throw new Error("the line was not rejected");
}

const held = (): number => {
  // What only the end of an array buffer frees is collected in the second round.
  global.gc!();
  global.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

const name = process.argv[2];
if (name === undefined) console.log(JSON.stringify(Object.keys(cases)));
else if (name === "clients") beClients(Number(process.argv[3]));
else {
  // A smaller number instead of a million, if the command line has one.
  const messages = Number(process.argv[3]);
  const one = messages > 0 ? (look: () => void) => throughAClient(messages, look) : cases[name]!;
  // Once to compile the code, once to measure.
  await cases[name]!(() => {});
  let most = 0;
  const before = held();
  const kept = await one(() => {
    most = held() - before;
  });
  console.log(JSON.stringify({ most, alive: kept !== undefined }));
  process.exit();
}
