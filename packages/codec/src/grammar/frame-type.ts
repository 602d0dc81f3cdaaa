// SPDX-License-Identifier: Apache-2.0
import type { Row } from "./row.ts";

/** The words of a line, as a union. */
type Words<Line extends string> = Line extends `${infer Word} ${infer Rest}` ? Word | Words<Rest> : Line;

/** The field of a frame that an argument becomes. */
type Name<Word> = Word extends ""
  ? never
  : Word extends "size"
    ? "payload"
    : Word extends "headers-size"
      ? "headers"
      : Word extends `#${infer Rest}` | `${infer Rest}...`
        ? Rest
        : Word;

type Value<Word> = Word extends "size" | "headers-size"
  ? Uint8Array
  : Word extends "json"
    ? Readonly<Record<string, unknown>>
    : Word extends `#${string}`
      ? number
      : string;

type Needed<Part extends string> = { readonly [Word in Words<Part> as Name<Word>]: Value<Word> };

type Optional<Part extends string> = Part extends `${infer First} ${infer List}...`
  ? Optional<First> & Optional<`${List}...`>
  : Part extends `${infer Name}...`
    ? { readonly [List in Name]: readonly string[] }
    : { readonly [Word in Words<Part> as Name<Word>]?: Value<Word> | undefined };

type Fields<Line extends string> = Line extends `${infer Before}[${infer Part}]${infer After}`
  ? Needed<Before> & Optional<Part> & Needed<After>
  : Needed<Line>;

/** Shows an intersection as one object. */
type Flat<T> = { [Name in keyof T]: T[Name] };

/**
 * The frame of a row: `{ word: "RMSG", line: "account [middle...] size" }` becomes
 * `{ op: "rmsg", account: string, middle: readonly string[], payload: Uint8Array }`.
 *
 * `op` is the verb in lower case. `flaw` is `true` if an argument holds a control character or is not UTF-8.
 */
export type FrameOf<R extends Row> = R extends Row
  ? Flat<{ readonly op: Lowercase<R["word"]> } & Fields<R["line"]> & { readonly flaw?: true | undefined }>
  : never;
