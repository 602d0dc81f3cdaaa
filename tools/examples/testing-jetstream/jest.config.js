// SPDX-License-Identifier: Apache-2.0
/** @type {import("jest").Config} */
export default { transform: {} };
