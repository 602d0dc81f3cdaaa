// SPDX-License-Identifier: Apache-2.0
/** @type {import("jest").Config} */
module.exports = { preset: "ts-jest" };
