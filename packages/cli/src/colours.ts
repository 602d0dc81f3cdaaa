// SPDX-License-Identifier: Apache-2.0
import pc from "picocolors";

/** Colours where a person reads: in a terminal, and not where NO_COLOR is set (no-color.org). */
export const colours: ReturnType<typeof pc.createColors> = pc.createColors(
  process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "",
);
