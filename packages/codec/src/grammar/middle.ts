// SPDX-License-Identifier: Apache-2.0

/** What begins a list with a first name. A name alone needs no mark, so it may be one itself. */
export const WITH_NAME = "+";
/** What begins a list without a first name. */
export const WITHOUT_NAME = "|";

/** Splits the arguments of `[reply queues...]` into the first name, which may be missing, and the list. */
export function splitMiddle([mark, ...names]: readonly string[]): readonly [string | undefined, readonly string[]] {
  if (names.length === 0) return [mark, names];
  return mark === WITHOUT_NAME ? [undefined, names] : [names[0], names.slice(1)];
}

/** Returns the mark to write before a first name and a list: none, or one in an array. */
export function marksOf(name: unknown, list: readonly unknown[]): string[] {
  if (list.length === 0) return [];
  return [name === undefined ? WITHOUT_NAME : WITH_NAME];
}
