// @ts-check
// SPDX-License-Identifier: Apache-2.0
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

/** @typedef {import("playwright-core").Browser} Browser */

/**
 * Starts Chromium: the program that CHROMIUM names; by default Debian's.
 *
 * @param {string[]} args more command-line arguments
 * @returns {Promise<Browser>}
 * @throws {Error} if it is missing, with the command that installs it
 */
export function launchChromium(...args) {
  const executablePath = process.env["CHROMIUM"] ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
  if (executablePath === undefined) throw new Error("chromium is missing: apt-get install chromium");
  return chromium.launch({ executablePath, args: ["--no-sandbox", ...args] });
}
