// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from "node:fs";

/**
 * Writes a text between `<!-- mark -->` and `<!-- /mark -->` of a page.
 *
 * @throws Error if the page does not have the marks
 */
export function putMarked(file: string, mark: string, text: string): void {
  writeFileSync(file, withMarked(file, mark, text));
}

/**
 * Returns the page with a text between `<!-- mark -->` and `<!-- /mark -->`.
 *
 * @throws Error if the page does not have the marks
 */
export function withMarked(file: string, mark: string, text: string): string {
  const before = readFileSync(file, "utf8");
  const place = new RegExp(`(<!-- ${mark} -->\\n)[\\s\\S]*?(<!-- /${mark} -->)`);
  if (!place.test(before)) throw new Error(`${file} does not contain <!-- ${mark} --> and <!-- /${mark} -->`);
  return before.replace(place, (_, start: string, end: string) => `${start}${text}\n${end}`);
}
