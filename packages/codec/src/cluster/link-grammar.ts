// SPDX-License-Identifier: Apache-2.0
import type { FrameCursor } from "../decode/grammar.ts";
import type { NamedGrammar } from "../decode/named-grammar.ts";
import { formatValue, UsageError } from "../errors.ts";
import { compileGrammar } from "../grammar/compile.ts";
import { frameEncoder } from "../grammar/frame-encoder.ts";
import type { Row } from "../grammar/row.ts";
import { parseJson } from "../info.ts";
import { unquoted } from "../text.ts";
import type { LinkInput } from "./frames.ts";
import { checkedJson, linkConnectFields, linkInfoFields } from "./link-json.ts";
import { type LinkWord, linkLimits, linkRows } from "./link-rows.ts";

type Frame = Readonly<Record<string, unknown>> & { readonly op: string };

/** What a link has besides INFO, CONNECT, PING and the like. */
export interface LinkForm {
  readonly rows: readonly Row[];
  /** The fields of its frames by `op`, in their order. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
  /** The `op` of the message that is written as HMSG if it has headers. */
  readonly message: string;
}

/** A grammar of a link, with its encoder. */
export interface LinkGrammar<F, W extends string> {
  readonly frames: NamedGrammar<F, W | LinkWord>;
  /** The rows that it was compiled from. */
  readonly rows: readonly Row[];
  /** Makes a frame of the link from a frame of its rows, which is not INFO or CONNECT. */
  readonly fromRow: (row: unknown) => F;
  readonly encode: (frame: LinkInput<F>) => Uint8Array;
}

const flawed = ["account", "flaw"] as const;
const linkFields = { info: ["info"], connect: ["options"], ok: [], err: ["text"], ping: [], pong: [] } as const;
// `undefined` in these fields means that the line has no such argument. The encoder of rows knows whether it needs one.
const omitted = ["account", "origin", "headers"];

/** Makes the grammar of a link: its rows, with the frames that the rest of the codec has for the verbs of all links. */
export function linkGrammar<F, W extends string>({ rows: own, fields: named, message }: LinkForm): LinkGrammar<F, W> {
  const rows = [...own, ...linkRows];
  const grammar = compileGrammar(rows, { limits: linkLimits });
  const write = frameEncoder(grammar) as (row: unknown) => Uint8Array;
  const fieldsOf: LinkForm["fields"] = { ...named, "a+": flawed, "a-": flawed, ...linkFields };

  const fromRow = (row: unknown): unknown => {
    const { op, text, ...fields } = row as Frame;
    if (op === "-err") return { op: "err", text: unquoted(text as string) };
    if (op === "+ok") return { op: "ok" };
    const name = op === "hmsg" ? message : op;
    return { op: name, ...Object.fromEntries(fieldsOf[name]!.map((field) => [field, fields[field]])) };
  };

  const toRow = (frame: unknown): unknown => {
    if (typeof frame !== "object" || frame === null) fail(`a frame is an object, not ${formatValue(frame)}`);
    const { op, ...fields } = frame as Frame;
    if (typeof op !== "string" || !Object.hasOwn(fieldsOf, op))
      fail(`unknown frame op ${formatValue(op)}: use ${Object.keys(fieldsOf).join(", ")}`);
    const known = fieldsOf[op]!;
    const unknown = Object.keys(fields).find((name) => !known.includes(name));
    if (unknown !== undefined) fail(`${op}: unknown field "${unknown}": use ${known.join(", ")}`);
    const { info, options, text, headers } = fields;
    if (op === "info") return { op, json: checkedJson("INFO", info, linkInfoFields) };
    if (op === "connect") return { op, json: checkedJson("CONNECT", options, linkConnectFields) };
    if (op === "err") return { op: "-err", text: typeof text === "string" ? `'${text}'` : text };
    if (op === "ok") return { op: "+ok" };
    const given = Object.entries(fields).filter(([name, value]) => value !== undefined || !omitted.includes(name));
    return { op: op === message && headers !== undefined ? "hmsg" : op, ...Object.fromEntries(given) };
  };

  const frame = (at: FrameCursor): unknown => {
    const row = grammar.frame(at) as Frame;
    // Rows know no types of fields.
    if (row.op === "info") return { op: "info", info: parseJson(at, "INFO", linkInfoFields) };
    if (row.op === "connect") return { op: "connect", options: parseJson(at, "CONNECT", linkConnectFields) };
    return fromRow(row);
  };

  return {
    rows,
    fromRow: fromRow as (row: unknown) => F,
    frames: {
      limits: linkLimits,
      verbs: grammar.verbs,
      kinds: grammar.kinds as NamedGrammar<F, W | LinkWord>["kinds"],
      frame: frame as (at: FrameCursor) => F,
    },
    encode: (frame) => write(toRow(frame)),
  };
}

function fail(message: string): never {
  throw new UsageError("BAD_FIELD", message);
}
