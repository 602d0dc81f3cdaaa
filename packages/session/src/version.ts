// SPDX-License-Identifier: Apache-2.0
/** This package's version, as package.json has it: `tools/repo/version.mjs` writes it, at each release. */
export const VERSION = "0.0.0";
