// SPDX-License-Identifier: Apache-2.0
export { hash, Random } from "../../packages/fuzz/src/random.ts";
