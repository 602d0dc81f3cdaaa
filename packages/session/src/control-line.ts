// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/** Lengths of names that always fit, together: one unit of text is at most 3 bytes, and two sizes with blanks are 21. */
export function sureToFit(most: number): number {
  return Math.floor((most - 21) / 3);
}

/**
 * A server closes the connection for a longer line; it counts the arguments, from the first on.
 *
 * @throws UsageError TOO_LARGE
 */
export function checkLine(args: readonly (string | number | undefined)[], most: number): void {
  const line = args.filter((arg) => arg !== undefined).join(" ");
  // As UTF-8, where a surrogate is half of 4.
  const bytes = line.replace(/[\u0800-\ud7ff\ue000-\uffff]/g, "123").replace(/[^\0-\x7f]/g, "12").length;
  if (bytes > most) throw new UsageError("TOO_LARGE", `a control line of ${bytes} bytes: maxControlLine is ${most}`);
}
