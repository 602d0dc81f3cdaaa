// SPDX-License-Identifier: Apache-2.0
import type { Limits } from "@natswire/codec";
import { InvalidArgumentError } from "commander";
import { unescaped } from "./escape.ts";

const NUMBERS = ["line", "info", "payload"];

/** Parses a number of seconds above 0. */
export function seconds(value: string): number {
  const number = Number(value);
  if (value !== "" && number > 0 && number < 2 ** 21) return number;
  throw new InvalidArgumentError("Write a number of seconds above 0.");
}

/** Parses a whole number above 0. */
export function count(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number > 0 && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError("Write a whole number above 0.");
}

/** Parses the number that starts the random generator. */
export function seed(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number < 2 ** 31) return number;
  throw new InvalidArgumentError("Write a whole number from 0 to 2147483647.");
}

/** Parses an input, and adds it to the earlier ones. */
export function inputs(value: string, earlier: readonly Uint8Array[] = []): readonly Uint8Array[] {
  return [...earlier, unescaped(value)];
}

/** Adds a text to the earlier ones. */
export function texts(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

/** Parses limits: `line=4096,payload=1048576,strictLineEnd=true`. */
export function limits(value: string): Partial<Limits> {
  return Object.fromEntries(
    value.split(",").map((word) => {
      const [name = "", given = ""] = word.split("=");
      if (name === "strictLineEnd" && /^(true|false)$/.test(given)) return [name, given === "true"];
      if (NUMBERS.includes(name) && /^\d+$/.test(given)) return [name, Number(given)];
      throw new InvalidArgumentError(
        `"${word}" is not a limit: write line=BYTES, info=BYTES, payload=BYTES, strictLineEnd=true, with commas between them.`,
      );
    }),
  );
}
