// SPDX-License-Identifier: Apache-2.0
import type { Side } from "../frame-reader.ts";

// The longest common line: bytes that are read to detect the side.
const MOST = 4096;

/** Returns whether these bytes have a verb that only one side sends, or are too many without one. */
export function isDetectable(bytes: Uint8Array): boolean {
  return bytes.length >= MOST || /^(?:\s*P[IO]NG[ \t]*\r?\n)*\s*(?!P[IO]NG\s)\S+\s/i.test(latin1(bytes));
}

/** Returns the side that sent these bytes, by the first verb that only one side sends; by default the client. */
export function detectSide(bytes: Uint8Array): Side {
  const isServer = /^(?:\s*P[IO]NG[ \t]*\r?\n)*\s*(?:INFO|H?MSG|\+OK|-ERR)\b/i.test(latin1(bytes));
  return isServer ? "server" : "client";
}

// The lines that only a server sends, and those that only a client sends.
const LINE = /(?:^|\n)(?:(INFO \{|H?MSG \S+ \S.*\d\r|\+OK\r|-ERR ')|H?PUB \S+ .*\d\r|SUB \S+ |UNSUB \S|CONNECT \{)/;

/** Returns whether these bytes are enough to detect the side in mid-stream. */
export function isLong(bytes: Uint8Array): boolean {
  return bytes.length >= 16 * MOST;
}

/** Returns the side that sent these bytes of a stream, by the first line that only one side sends; by default the client. */
export function detectSideInside(bytes: Uint8Array): Side {
  return LINE.exec(latin1(bytes))?.[1] === undefined ? "client" : "server";
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
