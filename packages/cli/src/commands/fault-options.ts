// SPDX-License-Identifier: Apache-2.0
import { randomInt } from "node:crypto";
import { type Command, InvalidArgumentError, Option } from "commander";
import { numberAboveZero, parserOf, verbs, wholeNumber } from "../arguments.ts";
import { duration } from "../config/kinds.ts";
import { formatCount } from "../format/format.ts";
import type { Side } from "../frame-reader.ts";
import type { DropRule, FaultOptions } from "../tap/faults.ts";

const MAX_SEED = 2 ** 32;

/** A rule as it was typed, and what it means. */
interface TypedRule extends DropRule {
  readonly text: string;
}

/** The options of faults as they were typed. */
export interface FaultFlags {
  /** Milliseconds. */
  readonly delay?: number;
  /** Milliseconds. */
  readonly jitter?: number;
  readonly drop?: readonly TypedRule[];
  /** Bytes. */
  readonly split?: number;
  /** Frames; true for 0. */
  readonly stall?: number | true;
  /** Frames. */
  readonly closeAfter?: number;
  readonly seed?: number;
}

/** Adds the options that inject faults. */
export function addFaultOptions(command: Command): Command {
  const options = [
    new Option("--delay <time>", "delay each frame, in both directions, like 200ms").argParser(parserOf(duration)),
    new Option("--jitter <time>", "delay each frame up to this time more, at random").argParser(parserOf(duration)),
    new Option("--drop <rule>", "do not forward these frames: MSG:1%, client:PING:1/3; repeatable").argParser(
      dropRules,
    ),
    new Option("--split <bytes>", "forward frames in pieces of at most this size").argParser(numberAboveZero),
    new Option("--stall [frames]", "forward nothing after this number of frames of a connection").argParser(
      wholeNumber,
    ),
    new Option("--close-after <frames>", "close each connection after this number of frames").argParser(
      numberAboveZero,
    ),
    new Option("--seed <number>", "repeat the faults of an earlier run").argParser(seed),
  ];
  for (const option of options) command.addOption(option);
  return command;
}

/** Returns what the options mean together; `undefined` without a fault. */
export function faultOptions(flags: FaultFlags, command: Command): FaultOptions | undefined {
  const { delay, jitter, drop, split, stall, closeAfter } = flags;
  if ([delay, jitter, drop, split, stall, closeAfter].every((option) => option === undefined)) {
    if (flags.seed !== undefined) command.error("error: --seed repeats faults; name them, such as --drop MSG:1%");
    return undefined;
  }
  if (stall !== undefined && closeAfter !== undefined)
    command.error("error: --stall and --close-after exclude each other");
  return {
    delay: delay ?? 0,
    jitter: jitter ?? 0,
    drop: drop ?? [],
    split: split ?? Number.POSITIVE_INFINITY,
    stall: stall === true ? 0 : (stall ?? Number.POSITIVE_INFINITY),
    closeAfter: closeAfter ?? Number.POSITIVE_INFINITY,
    seed: flags.seed ?? randomInt(MAX_SEED),
  };
}

/** Returns the faults as a text. */
export function formatFaults({ delay, jitter, drop, split, stall, closeAfter }: FaultFlags): string {
  return [
    delay && `delay ${delay} ms`,
    jitter && `jitter ${jitter} ms`,
    drop && `drop ${drop.map(({ text }) => text).join(" ")}`,
    split && `split into ${formatCount(split, "byte")}`,
    stall !== undefined && `stall after ${formatCount(stall === true ? 0 : stall, "frame")}`,
    closeAfter && `close after ${formatCount(closeAfter, "frame")}`,
  ]
    .filter(Boolean)
    .join(", ");
}

// Verbs that only the other side sends.
const OTHERS: Readonly<Record<Side, readonly string[]>> = { client: ["MSG"], server: ["PUB", "HPUB", "SUB", "UNSUB"] };

function dropRules(text: string, earlier: readonly TypedRule[] = []): readonly TypedRule[] {
  const [, side, typed, percent, every] =
    /^(?:(client|server):)?([^:,\s]+):(?:(\d+(?:\.\d+)?)%|1\/([1-9]\d{0,8}))$/i.exec(text) ?? [];
  if (typed === undefined)
    throw new InvalidArgumentError("Write a verb and a share, like MSG:1%, MSG:1/100 or client:PING:50%.");
  const from = side?.toLowerCase() as Side | undefined;
  const [verb = ""] = verbs(typed);
  if (from !== undefined && OTHERS[from].includes(verb))
    throw new InvalidArgumentError(`A ${from} does not send ${verb}.`);
  const share = Number(percent) / 100;
  if (percent !== undefined && !(share > 0 && share <= 1))
    throw new InvalidArgumentError("Write a percentage above 0, up to 100.");
  return [...earlier, { text, from, verb, ...(every === undefined ? { share } : { every: Number(every) }) }];
}

function seed(value: string): number {
  const number = wholeNumber(value);
  if (number < MAX_SEED) return number;
  throw new InvalidArgumentError(`Write a whole number below ${MAX_SEED}.`);
}
