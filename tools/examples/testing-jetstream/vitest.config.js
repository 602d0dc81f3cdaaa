// SPDX-License-Identifier: Apache-2.0
// The project of a reader: the installed packages, and no other projects.
export default { cacheDir: "../node_modules/.vitest" };
