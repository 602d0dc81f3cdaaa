// SPDX-License-Identifier: Apache-2.0
import type { FrameCursor } from "../decode/grammar.ts";
import { noFields, parseJson } from "../info.ts";
import { isToken } from "../subject.ts";
import { argumentsOf } from "./arguments.ts";
import { splitMiddle } from "./middle.ts";
import type { ParsedRow } from "./row.ts";

/** Returns what makes the frame of a row. */
export function frameMaker({
  word,
  fields,
  end,
  isMarked,
  min,
}: ParsedRow): (at: FrameCursor) => Record<string, unknown> {
  const op = word.toLowerCase();
  const after =
    fields.filter(({ at }) => at < 0).length + { none: 0, size: 1, "headers+size": 2, text: 1, json: 1 }[end];
  const hasText = fields.some(({ type }) => type !== "number");
  return (at) => {
    const args = argumentsOf(at);
    const frame: Record<string, unknown> = { op };
    let isFlawed = false;
    for (const { name, type, at: place, isOptional } of fields) {
      const middle = args.slice(place, args.length - after);
      const [first, others] = isOptional && isMarked ? splitMiddle(middle) : [args.at(place), middle];
      if (type === "list") {
        isFlawed ||= !others.every(isToken);
        frame[name] = others;
        continue;
      }
      const arg = isOptional && args.length === min ? undefined : first;
      isFlawed ||= type === "token" && arg !== undefined && !isToken(arg);
      frame[name] = type === "number" && arg !== undefined ? Number(arg) : arg;
    }
    if (end === "text") frame["text"] = at.text();
    else if (end === "json") frame["json"] = parseJson(at, word, noFields);
    else if (end !== "none") {
      if (end === "headers+size") frame["headers"] = at.headers();
      frame["payload"] = at.payload();
    }
    if (hasText) frame["flaw"] = isFlawed || undefined;
    return frame;
  };
}
