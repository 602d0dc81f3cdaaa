// SPDX-License-Identifier: Apache-2.0
/**
 * For proxies: passes frames on as they came, and replaces parts of some without decoding the rest.
 *
 * @module
 */

export { UsageError, type UsageErrorCode } from "./errors.ts";
export type { Changes, NameChange } from "./rewrite/changes.ts";
export { encodeInto } from "./rewrite/encode-into.ts";
export { PART, PartScanner, type PartScannerOptions } from "./rewrite/part-scanner.ts";
export { Rewriter } from "./rewrite/rewriter.ts";
export { splice, spliceInto } from "./rewrite/splice.ts";
export { replyStartsWith, subjectBytes, subjectHash, subjectStartsWith } from "./rewrite/subject.ts";
