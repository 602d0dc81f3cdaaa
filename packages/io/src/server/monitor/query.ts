// SPDX-License-Identifier: Apache-2.0
import { badValue } from "../../bad-field.ts";
import { checkOptions } from "../../options.ts";
import { host } from "../../platform.ts";

/** What an option of a snapshot must be, and how a URL spells it. */
export interface Parameter {
  readonly wanted: string;
  readonly accepts: (value: unknown) => boolean;
  /** Returns the value that a URL means. */
  readonly parse: (text: string) => unknown;
}

/** The options of one snapshot, by name. */
export type Parameters = Readonly<Record<string, Parameter>>;

const parseFlag = (text: string): unknown =>
  /^(1|t|true)$/i.test(text) ? true : /^(0|f|false)$/i.test(text) ? false : text;

/** Accepts a boolean; in a URL `1`, `true`, `0` or `false`. */
export const flag: Parameter = {
  wanted: "true or false",
  accepts: (value) => typeof value === "boolean",
  parse: parseFlag,
};

/** Accepts a boolean or `detail`. */
export const flagOrDetail: Parameter = {
  wanted: 'true, false or "detail"',
  accepts: (value) => typeof value === "boolean" || value === "detail",
  parse: (text) => (text.toLowerCase() === "detail" ? "detail" : parseFlag(text)),
};

/** Accepts a whole number. */
export const wholeNumber: Parameter = {
  wanted: "a whole number",
  accepts: Number.isSafeInteger,
  parse: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : text),
};

/** Accepts a string. */
export const text: Parameter = {
  wanted: "a string",
  accepts: (value) => typeof value === "string",
  parse: (value) => value,
};

/** Returns a parameter that is one of these words; in a URL in any case. */
export function oneOf(words: readonly string[]): Parameter {
  return {
    wanted: `one of ${words.join(", ")}`,
    accepts: (value) => words.includes(value as string),
    parse: (value) => value.toLowerCase(),
  };
}

/**
 * Checks the options of a snapshot.
 *
 * @throws UsageError BAD_FIELD if one is unknown or not valid
 */
export function checkParameters(given: object, parameters: Parameters, call: string): void {
  checkOptions(given, Object.keys(parameters), call);
  for (const [name, { wanted, accepts }] of Object.entries(parameters)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined && !accepts(value)) throw badValue(name, wanted, value);
  }
}

/** Returns the options that a URL's query has. As in nats-server, unknown and empty ones are ignored. */
export function parseQuery(query: string, parameters: Parameters): object {
  const given = new host.URLSearchParams(query);
  const named = Object.entries(parameters).map(([name, { parse }]) => [name, parse, given.get(name)] as const);
  return Object.fromEntries(named.flatMap(([name, parse, value]) => (value ? [[name, parse(value)]] : [])));
}

/** The part of a list that is returned. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** The options that choose a part of a list. */
export type PageOptions = { readonly [Name in keyof Page]?: Page[Name] | undefined };

// As in nats-server.
const DEFAULT_LIMIT = 1024;

/** Returns the part that options ask for, as nats-server reads them: 1,024 entries if the limit is 0 or less. */
export function pageOf({ offset = 0, limit = 0 }: PageOptions): Page {
  return { offset: Math.max(0, offset), limit: limit > 0 ? limit : DEFAULT_LIMIT };
}
