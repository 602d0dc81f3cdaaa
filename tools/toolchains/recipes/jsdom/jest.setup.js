// SPDX-License-Identifier: Apache-2.0
// What browsers have and jsdom lacks.
const { TextDecoder, TextEncoder } = require("node:util");
Object.assign(globalThis, { TextDecoder, TextEncoder });
