// SPDX-License-Identifier: Apache-2.0

/** Where a message stands: on which of its publisher's connections, and which one it is of those published there. */
export interface Place {
  readonly connection: number;
  readonly number: number;
}

const padding = "The quick brown fox jumps over the lazy dog. ".repeat(12);

/** The message of a place: its length is that of no neighbour's, so that nothing can be taken for it. */
export function write({ connection, number }: Place): string {
  return `${connection} ${number} ${padding.slice(0, (number * 31) % 509)}`;
}

/** The place of a message; `undefined` where it is not byte for byte what was written. */
export function read(text: string): Place | undefined {
  const [connection = "", number = ""] = text.split(" ", 2);
  const place = { connection: Number(connection), number: Number(number) };
  return text === write(place) ? place : undefined;
}
