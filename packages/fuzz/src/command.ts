// SPDX-License-Identifier: Apache-2.0
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { escaped } from "./escape.ts";
import { LawBroken, UnusableTarget } from "./finding.ts";
import { fromLatin1, latin1 } from "./latin1.ts";
import type { ParserReading } from "./parser.ts";

const OPAQUE = 0xdc00;
// The last bytes of stderr that a finding shows.
const ERRORS = 2000;
/** The fields of frames that hold bytes. */
const BYTES = ["payload", "headers"];
/** The fields of frames that hold a name. */
const NAMES = ["subject", "reply", "queue", "sid"];

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A parser in another language: a program that reads one JSON object a line, and writes one for each. docs/fuzzing.md
 * documents the lines.
 */
export class CommandParser {
  readonly #command: string;
  readonly #started: (process: number) => void;
  #child: ChildProcessWithoutNullStreams | undefined;
  #waiting: Waiting | undefined;
  #errors = "";

  /** @param started is called with the id of each process, and with 0 after its end */
  constructor(command: string, started: (process: number) => void) {
    this.#command = command;
    this.#started = started;
  }

  /**
   * Parses the chunks of one stream.
   *
   * @throws LawBroken if the program ends
   * @throws UnusableTarget if it does not answer with a JSON object
   */
  async parse(chunks: readonly Uint8Array[]): Promise<ParserReading> {
    const child = this.#child ?? this.#start();
    const line = await new Promise<string>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      child.stdin.write(`${JSON.stringify({ chunks: chunks.map(fromLatin1) })}\n`);
    });
    let answer: unknown;
    try {
      answer = JSON.parse(line, revived);
    } catch {
      throw new UnusableTarget(
        `the command must write one JSON object for each line that it reads, and wrote: ${line}`,
      );
    }
    const { frames } = (answer ?? {}) as { frames?: unknown };
    // Anything else has the wrong shape, which the caller checks.
    return (Array.isArray(frames) ? { ...(answer as object), frames: frames.map(withBytes) } : answer) as ParserReading;
  }

  #start(): ChildProcessWithoutNullStreams {
    // With `exec` the shell becomes the program, so that the id is the program's own.
    const child = spawn("sh", ["-c", `exec ${this.#command}`]);
    this.#child = child;
    this.#errors = "";
    this.#started(child.pid ?? 0);
    child.stderr.on("data", (data: Buffer) => {
      this.#errors = (this.#errors + data.toString()).slice(-ERRORS);
    });
    child.stdin.on("error", () => {
      // The program ended: "close" reports it.
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.resolve(line);
    });
    child.on("error", (error) => this.#waiting?.reject(new UnusableTarget(`cannot start sh: ${error.message}`)));
    child.on("close", (code, signal) => {
      this.#child = undefined;
      this.#started(0);
      const how = signal === null ? `exit code ${code}` : signal;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      // 126 and 127 are those of a shell that finds no program.
      if (code === 126 || code === 127) waiting?.reject(new UnusableTarget(`${this.#errors.trim()} (${how})`));
      else waiting?.reject(new LawBroken("the program does not end", `${how}\n${this.#errors}`.trim()));
    });
    return child;
  }
}

/** Turns `{ "bytes": … }`, the form of a name that is not UTF-8, into the text that natswire decodes it to. */
function revived(name: string, value: unknown): unknown {
  if (!NAMES.includes(name) || typeof value !== "object" || value === null) return value;
  const { bytes } = value as { bytes?: unknown };
  if (typeof bytes !== "string") return value;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(latin1(bytes));
  } catch {
    return bytes.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(OPAQUE + byte.charCodeAt(0)));
  }
}

/** Returns a frame with its payload and headers as bytes. @throws UnusableTarget if a character is not one byte */
function withBytes(frame: unknown): unknown {
  if (typeof frame !== "object" || frame === null) return frame;
  const fields = { ...(frame as Record<string, unknown>) };
  for (const name of BYTES) {
    const text = fields[name];
    if (typeof text !== "string") continue;
    if ([...text].some((character) => character > "\xff")) {
      throw new UnusableTarget(
        `${name} has the character "${escaped(Buffer.from(text))}": write one character for each byte`,
      );
    }
    fields[name] = latin1(text);
  }
  return fields;
}
