// SPDX-License-Identifier: Apache-2.0
export { fromLatin1, latin1 } from "../../packages/fuzz/src/latin1.ts";
