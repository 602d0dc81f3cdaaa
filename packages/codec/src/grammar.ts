// SPDX-License-Identifier: Apache-2.0
/**
 * Grammars of your own: a table of verbs, each with its control line as the documentation of a protocol writes it, becomes a
 * grammar for a `Decoder` or a `Scanner`, and an encoder.
 *
 * @module
 */

export { UsageError, type UsageErrorCode } from "./errors.ts";
export { argumentsOf } from "./grammar/arguments.ts";
export { compileGrammar, type GrammarOptions, type RowGrammar } from "./grammar/compile.ts";
export { frameEncoder } from "./grammar/frame-encoder.ts";
export type { FrameOf } from "./grammar/frame-type.ts";
export type { Row } from "./grammar/row.ts";
