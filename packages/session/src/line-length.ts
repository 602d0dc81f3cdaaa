// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/**
 * Checks the length of a control line. A server counts the arguments, and closes the connection if there is a byte too many.
 *
 * @throws UsageError TOO_LARGE if the arguments take more than `limit` bytes
 */
export function checkLineLength(args: readonly (string | number | undefined)[], limit: number): void {
  const bytes = utf8Length(args.filter((arg) => arg !== undefined).join(" "));
  if (bytes > limit)
    throw new UsageError("TOO_LARGE", `control line is ${bytes} bytes, limit ${limit} (maxControlLine)`);
}

/** Returns the number of bytes that a string takes in UTF-8. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A pair of surrogates takes four bytes: two for each.
    if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) bytes += 2;
    else if (unit >= 0x80) bytes += 1;
  }
  return bytes;
}
