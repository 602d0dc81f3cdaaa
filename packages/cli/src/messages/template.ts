// SPDX-License-Identifier: Apache-2.0
import { randomBytes, randomInt } from "node:crypto";

const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const CALL = /\{\{\s*(\w+)((?:\s+\d+)*)\s*\}\}/g;
// Characters of one random text.
const MAX_RANDOM = 1024 * 1024;

/** What the functions of a template return. */
export interface TemplateValues {
  /** The number of the message, from 1. */
  readonly count: number;
  /** The text of the request that is answered. */
  readonly request?: string | undefined;
}

type TemplateFunction = (values: TemplateValues, ...args: readonly number[]) => string | undefined;

// The functions of the official command.
const functions: Readonly<Record<string, TemplateFunction>> = {
  Count: ({ count }) => String(count),
  TimeStamp: () => new Date().toISOString(),
  Time: () => new Date().toTimeString().slice(0, 8),
  Unix: () => String(Math.floor(Date.now() / 1000)),
  UnixNano: () => String(BigInt(Date.now()) * 1_000_000n),
  ID: () => randomBytes(16).toString("hex"),
  Random: (_, min, max) => (min === undefined || max === undefined ? undefined : randomText(min, max)),
  Request: ({ request }) => request,
};

/** Returns a text with its calls, such as `{{Count}}`, replaced by their results. Unknown calls stay as they are. */
export function expand(template: string, values: TemplateValues): string {
  return template.replace(CALL, (call, name: string, args: string) => {
    const numbers = args.trim() === "" ? [] : args.trim().split(/\s+/).map(Number);
    return (Object.hasOwn(functions, name) ? functions[name]?.(values, ...numbers) : undefined) ?? call;
  });
}

function randomText(min: number, max: number): string | undefined {
  if (min > max || max > MAX_RANDOM) return undefined;
  const length = randomInt(min, max + 1);
  return Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join("");
}
