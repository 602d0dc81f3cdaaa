// SPDX-License-Identifier: Apache-2.0
import { type Bug, plant } from "../../testkit/plant-bug.ts";
import { escaped } from "./escape.ts";
import type { Finding } from "./finding.ts";
import { run } from "./run.ts";

// The same path from this source and from its bundle.
const UNDER_TEST = new URL("../src/under-test.ts", import.meta.url);
// Each target may try as much as the CI profile gives it.
const INPUTS = 1_000_000;
const CONVERSATIONS = 60_000;
const CALLS = 20_000;
const targets = ["decoder-server-frames", "decoder-client-frames", "encoder", "headers"];
const session = ["session-bytes", "session-info", "session-calls"];
const PACKAGES = ["codec", "server", "session"] as const;

/** A mistake, and where it is made. */
export interface Planted extends Bug {
  /** Of the codec where it is left out. */
  readonly where?: "server" | "session";
}

/** Mistakes that have been made in parsers before, one to a place that has a rule. */
export const bugs: readonly Planted[] = [
  {
    what: "memory of frames handed out is used again",
    file: "decode/carry.ts",
    right: "if (this.bytes === this.#slab) this.#free = this.end - this.#inBlocks;",
    wrong: "",
  },
  {
    what: "a sid of 16 digits",
    file: "decode/control-line.ts",
    right: "this.#readDigits(arg, 15)",
    wrong: "this.#readDigits(arg, 16)",
  },
  {
    what: "the short way does not look at the trailer",
    file: "decode/scanner.ts",
    right: "if (view.getInt16(bodyEnd, true) !== CRLF) return 0;",
    wrong: "",
  },
  {
    what: "the expected line is not compared to its end",
    file: "decode/words.ts",
    right: "return view.getFloat64(at + last, true) === words[word];",
    wrong: "return true;",
  },
  {
    what: "a size of ten digits",
    file: "decode/scanner.ts",
    right: "i - token > 9) value",
    wrong: "i - token > 10) value",
  },
  {
    what: "a limit is one byte too low where the verb is cut",
    file: "decode/control-line.ts",
    right: "if (end - at > limit) this.#rejectLength(limit);",
    wrong: "if (end - at >= limit) this.#rejectLength(limit);",
  },
  {
    what: "a fault is forgotten",
    file: "decode/scanner.ts",
    right: "if (this.#fault !== undefined) throw this.#fault;",
    wrong: "",
  },
  {
    what: "a subject is not checked when it is remembered",
    file: "encode/prefix-cache.ts",
    right: "if (!this.isValid(subject) || subject.length > MAX_SUBJECT) return undefined;",
    wrong: "",
  },
  {
    what: "a line feed in an error text",
    file: "encode/encoder.ts",
    right: "/[\\r\\n\\0]|",
    wrong: "/[\\r\\0]|",
  },
  {
    what: "blanks at the end of a header value",
    file: "headers.ts",
    right: "while (last > first && isBlank(block[last - 1]!)) last--;",
    wrong: "",
  },
  {
    what: "a name with odd bytes is relayed",
    where: "server",
    file: "publish.ts",
    right: 'if (flaw !== undefined) return serverErrorText("INVALID_PUBLISH_SUBJECT");',
    wrong: "",
  },
  {
    what: "a malformed header block is relayed",
    where: "server",
    file: "publish.ts",
    right: "if (headers !== undefined && decodeHeaders(headers) === undefined)",
    wrong: "if (false)",
  },
  {
    what: "who receives is remembered when somebody unsubscribes from a pattern",
    where: "server",
    file: "interest.ts",
    right: "if (/[*>]/.test(pattern)) return this.#clear();",
    wrong: "",
  },
  {
    what: "a connection lives on behind a fault of the server's",
    where: "session",
    file: "dialogue.ts",
    right: 'this.#outcomes.fail("PROTOCOL", error.message);',
    wrong: "return undefined;",
  },
  {
    what: "whatever a server likes is signed",
    where: "session",
    file: "handshake.ts",
    right: "/^[A-Za-z0-9_-]{11,128}$/.test(info.nonce)",
    wrong: "true",
  },
  {
    what: "a server that another named is believed to have the name it says",
    where: "session",
    file: "server-pool.ts",
    right: "serverName: like.serverName",
    wrong: "serverName: host",
  },
  {
    what: "what is kept for a later connection is not checked",
    where: "session",
    file: "outbound.ts",
    right: 'encode({ op: "pub", subject, reply, headers, payload: payload.subarray(0, 0), flaw: undefined });',
    wrong: "",
  },
];

/** Plants one bug after the other in a copy of codec, server and session, and tells which law finds it; returns the exit code. */
export async function planted(seed: number, workers: number): Promise<number> {
  let found = 0;
  for (const [i, bug] of bugs.entries()) {
    const finding = await search(bug, seed, workers);
    if (finding !== undefined) found++;
    const told =
      finding === undefined
        ? "NOT FOUND"
        : `found by ${finding.target}, ${JSON.stringify(finding.law)}: ${escaped(finding.input).slice(0, 60)}`;
    console.log(`${String(i + 1).padStart(2)}. ${bug.what} (${bug.file}): ${told}`);
  }
  console.log(`${found} of ${bugs.length} planted bugs found`);
  return found === bugs.length ? 0 : 1;
}

function search(bug: Planted, seed: number, workers: number): Promise<Finding | undefined> {
  const { where = "codec", file } = bug;
  // Where the bug is likely to show comes first; the others would find it in their time.
  const near = nearest(file);
  const own = { codec: [near, ...targets.filter((other) => other !== near)], server: ["server"], session };
  const inputs = { codec: INPUTS, server: CONVERSATIONS, session: CALLS }[where];
  const packages = [where, ...PACKAGES.filter((other) => other !== where)];
  return plant(bug, packages, UNDER_TEST, async (codec) => {
    for (const target of own[where]) {
      const { found } = await run({ target, guided: false, inputs, seed, workers, codec, first: true });
      if (found[0] !== undefined) return found[0];
    }
    return undefined;
  });
}

/** Returns the target that exercises a file of the codec most. */
function nearest(file: string): string {
  if (file.startsWith("encode/")) return "encoder";
  return file === "headers.ts" ? "headers" : "decoder-server-frames";
}
