// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/**
 * Checks the length of a control line. A server counts the arguments, and closes the connection if there is a byte too many.
 *
 * @throws UsageError TOO_LARGE if the arguments take more than `limit` bytes
 */
export function checkControlLine(args: readonly (string | number | undefined)[], limit: number): void {
  const line = args.filter((arg) => arg !== undefined).join(" ");
  // The length in UTF-8. A surrogate counts 2, half of the 4 bytes of its pair.
  const bytes = line.replace(/[\u0800-\ud7ff\ue000-\uffff]/g, "123").replace(/[^\0-\x7f]/g, "12").length;
  if (bytes > limit)
    throw new UsageError("TOO_LARGE", `control line is ${bytes} bytes, limit ${limit} (maxControlLine)`);
}
