// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";

/**
 * The program: the one CHROMIUM names, else Debian's.
 *
 * @throws where there is none, with the command that installs it
 */
export function chromiumPath(): string {
  const program = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (program === undefined) throw new Error("chromium is missing: apt-get install chromium");
  return program;
}
