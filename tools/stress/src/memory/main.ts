// SPDX-License-Identifier: Apache-2.0
// Runs one case in a process with a small heap and prints how many more bytes were in use during it:
//   node --max-old-space-size=40 dist/memory.js            prints the names of all cases
//   node --max-old-space-size=40 dist/memory.js NAME       prints {"most":BYTES}
//   node --max-old-space-size=40 dist/memory.js NAME N     sends N messages through a client
import { Decoder, ProtocolError, Scanner, serverFrames } from "@natswire/codec";
import { latin1 } from "../../../testkit/latin1.ts";
import { bytesInUse } from "../memory-in-use.ts";
import { clientCases, throughAClient } from "./client.ts";
import { runClients, serverCases } from "./server.ts";

const MEBIBYTE = 1 << 20;
const chunkOf = (text: string, size: number): Uint8Array => new Uint8Array(size).fill(text.charCodeAt(0));

/** A case calls `measure` when it uses the most memory, and returns what must stay alive until then. */
export type Case = (measure: () => void) => unknown;

const cases: Readonly<Record<string, Case>> = {
  "a MSG line of 64 MiB without end": (measure) => endless("MSG ", 64, measure),
  "an INFO of 64 MiB without end": (measure) => endless('INFO {"a":"', 64, measure),
  "1,000 connections that declare 1 MiB": (measure) => {
    const decoders = Array.from({ length: 1000 }, () => {
      const decoder = new Decoder(serverFrames);
      decoder.push(latin1("MSG a 1 1048576\r\nx"));
      decoder.pull();
      return decoder;
    });
    measure();
    return decoders;
  },
  "a million PINGs that are scanned": (measure) => {
    const scanner = new Scanner(serverFrames);
    const chunk = latin1("PING\r\n".repeat(1000));
    for (let i = 0; i < 1000; i++) {
      scanner.push(chunk);
      while (scanner.next() !== 0);
    }
    measure();
    return scanner;
  },
  "a million PINGs that are not pulled": (measure) => {
    const decoder = new Decoder(serverFrames);
    const chunk = latin1("PING\r\n".repeat(10_000));
    // The chunks belong to the caller: what the decoder adds is measured.
    for (let i = 0; i < 100; i++) decoder.push(chunk);
    measure();
    return decoder;
  },
  "100 MiB of messages that are dropped": (measure) => {
    const decoder = new Decoder(serverFrames);
    const message = latin1(`MSG a 1 1000\r\n${"x".repeat(1000)}\r\n`);
    for (let i = 0; i < 100_000; i++) {
      // Cut in two, so that everything is copied into the carry.
      decoder.push(message.subarray(0, 500));
      decoder.pull();
      decoder.push(message.subarray(500));
      decoder.pull();
    }
    measure();
    return decoder;
  },
  ...serverCases,
  ...clientCases,
};

function endless(start: string, mebibytes: number, measure: () => void): unknown {
  const decoder = new Decoder(serverFrames);
  const chunk = chunkOf("a", 65_536);
  let most = false;
  try {
    decoder.push(latin1(start));
    for (let i = 0; i < (mebibytes * MEBIBYTE) / chunk.length; i++) {
      decoder.pull();
      decoder.push(chunk);
      // It uses the most memory at the last chunk before the limit.
      if (decoder.buffered > (start.startsWith("MSG") ? 0 : MEBIBYTE - chunk.length) && !most) {
        most = true;
        measure();
      }
    }
    decoder.pull();
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== "LINE_TOO_LONG") throw error;
    return decoder;
  }
  throw new Error("the line was accepted");
}

const name = process.argv[2];
if (name === undefined) console.log(JSON.stringify(Object.keys(cases)));
else if (name === "clients") runClients(Number(process.argv[3]));
else {
  const messages = Number(process.argv[3]);
  const run = messages > 0 ? (measure: () => void) => throughAClient(messages, measure) : cases[name]!;
  // The first run is for the compiler.
  await cases[name]!(() => {});
  let most = 0;
  const before = bytesInUse();
  const kept = await run(() => {
    most = bytesInUse() - before;
  });
  console.log(JSON.stringify({ most, alive: kept !== undefined }));
  process.exit();
}
