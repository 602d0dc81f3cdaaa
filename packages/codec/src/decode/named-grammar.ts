// SPDX-License-Identifier: Apache-2.0
import type { Grammar } from "./grammar.ts";

/** A grammar that names the kinds of its verbs, for those who use a `Scanner`. */
export interface NamedGrammar<F, Word extends string> extends Required<Grammar<F>> {
  /** What `Scanner.next()` returns for each verb, and what its `kind` is: never 0. */
  readonly kinds: { readonly [Name in Word]: number };
}
