// SPDX-License-Identifier: Apache-2.0
module.exports = {
  mode: "production",
  target: "node20",
  entry: "./server.mjs",
  output: { filename: "server.cjs" },
  // The package ws runs faster with these two, and without them. Do not warn that they are missing.
  resolve: { alias: { bufferutil: false, "utf-8-validate": false } },
};
