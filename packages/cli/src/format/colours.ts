// SPDX-License-Identifier: Apache-2.0
import pc from "picocolors";

/** Colours for a terminal. In a pipe, or if NO_COLOR is set (no-color.org), they leave the text unchanged. */
export const colours: ReturnType<typeof pc.createColors> = pc.createColors(
  process.stdout.isTTY === true && (process.env["NO_COLOR"] ?? "") === "",
);
