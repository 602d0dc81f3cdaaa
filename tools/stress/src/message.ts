// SPDX-License-Identifier: Apache-2.0

/** Identifies a message: the connection it was published on, and its number on that connection. */
export interface MessageId {
  readonly connection: number;
  readonly number: number;
}

const padding = "The quick brown fox jumps over the lazy dog. ".repeat(12);

/** Returns the text of a message. Its length differs from its neighbours', so that none is mistaken for another. */
export function write({ connection, number }: MessageId): string {
  return `${connection} ${number} ${padding.slice(0, (number * 31) % 509)}`;
}

/** Returns the identity of a message; `undefined` if it is not byte for byte what `write` returned. */
export function read(text: string): MessageId | undefined {
  const [connection = "", number = ""] = text.split(" ", 2);
  const id = { connection: Number(connection), number: Number(number) };
  return text === write(id) ? id : undefined;
}
