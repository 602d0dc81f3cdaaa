// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";

/**
 * A server closes the connection for a longer line; it counts the arguments, from the first on.
 *
 * @throws UsageError TOO_LARGE
 */
export function checkControlLine(args: readonly (string | number | undefined)[], most: number): void {
  const line = args.filter((arg) => arg !== undefined).join(" ");
  // As UTF-8, where a surrogate is half of 4.
  const bytes = line.replace(/[\u0800-\ud7ff\ue000-\uffff]/g, "123").replace(/[^\0-\x7f]/g, "12").length;
  if (bytes > most) throw new UsageError("TOO_LARGE", `${bytes} bytes are more than maxControlLine, ${most}`);
}
