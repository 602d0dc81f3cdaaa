// SPDX-License-Identifier: Apache-2.0
module.exports = { presets: [["@babel/preset-env", { targets: { node: "current" } }]] };
