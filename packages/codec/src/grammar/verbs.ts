// SPDX-License-Identifier: Apache-2.0
import type { LineFields, Verb } from "../decode/grammar.ts";
import { WITH_NAME, WITHOUT_NAME } from "./middle.ts";
import type { Field, ParsedRow } from "./row.ts";

// How many arguments of a list are kept in memory after their line.
const KEPT = 64;

// The lines that the scanner reads itself, the ones of MSG, HMSG, PUB and HPUB on its fast path.
const BUILT_IN =
  /^(|text|json|(subject (#?sid )?(\[reply\] )?(headers-size )?size)|subject (\[queue\] )?#?sid|#?sid( \[#max\])?)$/;

/** Returns the verb of a row, as the scanner reads it. One that needs no arguments is two: a verb with arguments, and one without. */
export function verbsOf(row: ParsedRow, kind: number): Verb[] {
  const { word, line, limit, end, min, max } = row;
  const verb = { word, kind, args: [min, max], body: end, ...(limit === "line" ? {} : { limit }) } as const;
  if (BUILT_IN.test(line)) {
    return [{ ...verb, sid: line.includes("#sid") ? "digits" : /\bsid\b/.test(line) ? "token" : "none" }];
  }
  // The fast path never reads a verb with a token as sid.
  const verbs: Verb[] = [{ ...verb, sid: "token", read: reader(row) }];
  if (min === 0) verbs.push({ ...verb, args: [0, 0], sid: "none" });
  return verbs;
}

/** Returns what reads the arguments of a line that has a form of its own. */
function reader({ word, fields, end, isMarked, min, max }: ParsedRow): (line: LineFields, bytes: Uint8Array) => void {
  const places: readonly Pick<Field, "name" | "type" | "at" | "isOptional">[] =
    end === "text" || end === "json" ? [...fields, { name: "text", type: "token", at: -1, isOptional: false }] : fields;
  const range = min === max ? `${min}` : `${min} or ${max < Number.POSITIVE_INFINITY ? max : "more"}`;
  return (line, bytes) => {
    const { args, count } = line;
    if (count < min || (count > min && count !== max && max < Number.POSITIVE_INFINITY)) {
      line.reject("BAD_ARGUMENTS", `${word} takes ${range} argument${range === "1" ? "" : "s"}, not ${count}`);
    }
    const extra = count - min;
    for (const { name, type, at, isOptional } of places) {
      if (isOptional && extra === 0) continue;
      let arg = at < 0 ? count + at : at;
      if (isMarked && isOptional && type === "token" && extra > 1) {
        const mark = markAt(line, bytes, arg);
        if (mark === WITHOUT_NAME) continue;
        if (mark !== WITH_NAME) line.reject("BAD_ARGUMENTS", `${word} with ${extra} names, but neither + nor |`);
        arg++;
      }
      const number = type === "number" ? line.readNumber(arg, name) : undefined;
      const start = args[2 * arg]!;
      const stop = args[2 * arg + 1]!;
      if (name === "subject" || name === "text") {
        line.subject = start;
        line.subjectEnd = stop;
      } else if (name === "reply" || name === "queue") {
        line.reply = start;
        line.replyEnd = stop;
      } else if (name === "sid") {
        line.sidAt = start;
        line.sidEnd = stop;
        line.sid = number ?? 0;
      } else if (name === "max") line.max = number;
    }
    if (count <= KEPT) return;
    // The sizes are the last arguments, and all that is still needed of a long list.
    line.args = args.slice(2 * count - 4, 2 * count);
    line.count = 2;
  };
}

/** Returns an argument of one byte as text; the empty string for a longer one. */
function markAt({ args }: LineFields, bytes: Uint8Array, arg: number): string {
  const start = args[2 * arg]!;
  return args[2 * arg + 1] === start + 1 ? String.fromCharCode(bytes[start]!) : "";
}
