// SPDX-License-Identifier: Apache-2.0
export default { entry: "./page.mjs", devtool: false, output: { filename: "page.mjs" } };
