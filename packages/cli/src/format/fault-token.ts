// SPDX-License-Identifier: Apache-2.0
import type { ProtocolError } from "@natswire/codec";

/** A part of a line. */
export interface Token {
  /** The position in the line. */
  readonly at: number;
  /** It is empty if something is missing there. */
  readonly text: string;
}

/**
 * Returns the part of a line that an error is about; `undefined` if that is not known. The codec only says in which line it is.
 *
 * @param line the bytes from the start of the line, as Latin-1
 * @param words the verbs that may be there
 */
export function faultToken(
  { code, message }: ProtocolError,
  line: string,
  words: readonly string[],
): Token | undefined {
  const [text = ""] = /^[^\r\n]*/.exec(line) ?? [];
  const tokens: Token[] = [...text.matchAll(/[^ \t]+/g)].map(({ index, 0: text }) => ({ at: index, text }));
  const end = { at: text.trimEnd().length, text: "" };
  switch (code) {
    case "UNKNOWN_VERB":
      return verbToken(text, words);
    case "BAD_ARGUMENTS": {
      const [, most, count] = /takes (?:\d+ to )?(\d+) arguments?, not (\d+)/.exec(message) ?? [];
      if (most === undefined) return undefined;
      return Number(count) > Number(most) ? tokens[Number(most) + 1] : end;
    }
    case "BAD_SIZE":
      return tokens.at(/header size/.test(message) ? -2 : -1);
    case "PAYLOAD_TOO_LARGE":
      return tokens.at(-1);
    case "BAD_JSON":
      return jsonToken(text, / field (\S+) must be/.exec(message)?.[1]);
    default:
      return undefined;
  }
}

/** Returns the first character that no verb has there, or that does not follow one. */
function verbToken(line: string, words: readonly string[]): Token {
  const upper = line.toUpperCase();
  const sameAs = (word: string): number => {
    const differs = [...word].findIndex((letter, i) => upper[i] !== letter);
    return differs < 0 ? word.length : differs;
  };
  const same = Math.max(...words.map(sameAs));
  // After a verb without arguments, something follows the blanks.
  const rest = line.slice(same);
  const at = words.includes(upper.slice(0, same)) ? line.length - rest.trimStart().length : same;
  return { at, text: line.slice(at, at + 1) };
}

/** Returns a field, or where the line is not JSON. */
function jsonToken(line: string, field: string | undefined): Token | undefined {
  const start = line.indexOf("{");
  if (start < 0) return undefined;
  const at = field === undefined ? start + jsonFault(line.slice(start)) : line.indexOf(`"${field}"`);
  return at < 0 ? undefined : { at, text: line.slice(at, at + (field === undefined ? 1 : field.length + 2)) };
}

/** Returns the position at which a text is not JSON; 0 if that is not known. */
function jsonFault(text: string): number {
  try {
    JSON.parse(text);
  } catch (error) {
    return Number(/position (\d+)/.exec((error as Error).message)?.[1] ?? 0);
  }
  return 0;
}
