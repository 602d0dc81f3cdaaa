// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";

/**
 * Returns the path of Chromium: the one that CHROMIUM names; by default Debian's.
 *
 * @throws Error if it is missing, with the command that installs it
 */
export function chromiumPath(): string {
  const program = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (program === undefined) throw new Error("chromium is missing: apt-get install chromium");
  return program;
}
