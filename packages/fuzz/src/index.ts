// SPDX-License-Identifier: Apache-2.0
/**
 * The laws of a parser of the NATS protocol, and the types of a module that `npx @natswire/fuzz` can fuzz.
 *
 * @module
 */

export { type Evidence, LawBroken, UnusableTarget } from "./finding.ts";
export type { Difference, Parse, Parser, ParserReading } from "./parser.ts";
export { parserLaws } from "./parser-laws.ts";
export type { Reading, Sender } from "./reading.ts";
