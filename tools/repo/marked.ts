// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from "node:fs";

/**
 * Puts a text between `<!-- mark -->` and `<!-- /mark -->` of a page.
 *
 * @throws Error where the page has no such place
 */
export function putMarked(file: string, mark: string, text: string): void {
  writeFileSync(file, withMarked(file, mark, text));
}

/**
 * The page as it would be with that text there.
 *
 * @throws Error where the page has no such place
 */
export function withMarked(file: string, mark: string, text: string): string {
  const before = readFileSync(file, "utf8");
  const place = new RegExp(`(<!-- ${mark} -->\\n)[\\s\\S]*?(<!-- /${mark} -->)`);
  if (!place.test(before)) throw new Error(`${file} has no place for ${mark}`);
  return before.replace(place, (_, start: string, end: string) => `${start}${text}\n${end}`);
}
