// SPDX-License-Identifier: Apache-2.0
import { escaped } from "./escape.ts";

/** Reports that a law was broken. A target throws it, the fuzzer catches it. */
export class LawBroken extends Error {
  /** The law in one line of English. */
  readonly law: string;
  /** What was expected or found; empty if the law says it all. */
  readonly detail: string;
  /** The chunks that break it, if another chunking does not. */
  readonly chunks: readonly Uint8Array[] | undefined;

  constructor(law: string, detail = "", chunks?: readonly Uint8Array[]) {
    super(detail === "" ? law : `${law}\n${detail}`);
    this.law = law;
    this.detail = detail;
    this.chunks = chunks;
  }
}

/** An input that breaks a law. */
export interface Finding {
  readonly target: string;
  readonly law: string;
  /** May be empty. */
  readonly detail: string;
  readonly input: Uint8Array;
  /** The chunks that break the law, if another chunking does not. */
  readonly chunks?: readonly Uint8Array[] | undefined;
}

/** Runs an input, and returns what it throws as a finding. */
export function findingOf(target: string, laws: (input: Uint8Array) => void, input: Uint8Array): Finding | undefined {
  try {
    laws(input);
    return undefined;
  } catch (error) {
    if (error instanceof LawBroken) {
      const { law, detail, chunks } = error;
      return { target, law, detail, input, chunks };
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { target, law: "only typed errors are thrown", detail, input };
  }
}

/** Formats a finding: the law, a test case to paste, and the command that repeats it. */
export function formatFinding({ target, law, detail, input, chunks = [input] }: Finding): string {
  const text = escaped(input);
  const foreign = /[./]/.test(target);
  const pasted = foreign
    ? `parse([${chunks.map(literal).join(", ")}].map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0))))`
    : `it(${JSON.stringify(law)}, () => holds(${JSON.stringify(target)}, ${JSON.stringify(text)}));`;
  return [
    `${target}: ${law}`,
    ...(detail === "" ? [] : detail.split("\n").map((line) => `    ${line}`)),
    foreign ? "as a call of the parser:" : "as a test case for tools/fuzz/test/corpus.test.ts:",
    `    ${pasted}`,
    "again with:",
    `    npm run fuzz -- --target ${target} --input ${quoted(text)}`,
  ].join("\n");
}

/** Returns bytes as a string literal, one character for each. */
function literal(bytes: Uint8Array): string {
  return JSON.stringify(String.fromCharCode(...bytes));
}

/** Quotes a text for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
