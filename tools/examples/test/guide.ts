// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A page of docs/, and the code that it quotes. */
export interface Guide {
  readonly text: string;
  readonly snippets: readonly string[];
  /** The programs whose output follows them; `config` is the server configuration before them, if there is one. */
  readonly programs: readonly GuideProgram[];
}

/** A program of a guide, and what it prints. */
export interface GuideProgram {
  readonly config: string | undefined;
  readonly code: string;
  readonly output: string;
}

const PROGRAM =
  /(?:```conf\n([^`]*)```\n\n(?:[^`#]*\n\n)?)?```(?:js|ts)\n([^`]*(?:`[^`]+`[^`]*)*)```\n\n```text\n([^`]*)```/g;

/** Returns a guide, by the name of its file in docs/. */
export function readGuide(name: string): Guide {
  const text = readFileSync(join(import.meta.dirname, "../../../docs", name), "utf8");
  return {
    text,
    snippets: [...text.matchAll(/```(?:js|ts|html)\n([\s\S]*?)```/g)].map(([, code]) => code!),
    programs: [...text.matchAll(PROGRAM)].map(([, config, code, output]) => ({ config, code: code!, output: output! })),
  };
}

/** Returns the snippets of a guide that are in none of these files. Their indentation may differ. */
export function unquoted({ snippets }: Guide, files: readonly string[]): string[] {
  const run = files.map((file) => withoutIndent(readFileSync(file, "utf8")));
  return snippets.filter((code) => !run.some((text) => text.includes(withoutIndent(code))));
}

function withoutIndent(code: string): string {
  return code.trim().replaceAll(/\n[ \t]+/g, "\n");
}
