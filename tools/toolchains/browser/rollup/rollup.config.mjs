// SPDX-License-Identifier: Apache-2.0
import resolve from "@rollup/plugin-node-resolve";

export default {
  input: "page.mjs",
  output: { format: "iife", entryFileNames: "page.mjs" },
  plugins: [resolve({ browser: true })],
};
