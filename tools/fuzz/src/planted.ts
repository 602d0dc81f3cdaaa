// SPDX-License-Identifier: Apache-2.0

import { escaped } from "../../../packages/fuzz/src/escape.ts";
import { type Bug, plant } from "../../testkit/plant-bug.ts";
import { fuzz } from "./fuzz.ts";

// The same path from this source and from its bundle.
const UNDER_TEST = new URL("../src/under-test.ts", import.meta.url);
// The inputs that each target may try, as many as in the CI profile.
const INPUTS = 1_000_000;
const CONVERSATIONS = 60_000;
const CALLS = 20_000;
// Enough to show a bug; an input of 30 KB would take minutes to become the smallest.
const TRIES = 500;
const targets = [
  "decoder-server-frames",
  "decoder-client-frames",
  "encoder",
  "headers",
  "jetstream",
  "grammar",
  "cluster",
  "rewrite",
];
const session = ["session-bytes", "session-info", "session-calls"];
const PACKAGES = ["codec", "server", "session", "jetstream-server"] as const;

/** A bug, and the package that it is planted in. */
export interface Planted extends Bug {
  /** The package; the codec by default. */
  readonly where?: "server" | "session";
}

/** Bugs that parsers have had before: one for each place that applies a rule. */
export const bugs: readonly Planted[] = [
  {
    what: "the carry reuses the memory of earlier frames",
    file: "decode/carry.ts",
    right: "if (this.bytes === this.#slab) this.#free = this.end - this.#inBlocks;",
    wrong: "",
  },
  {
    what: "a sid of 16 digits",
    file: "decode/control-line.ts",
    right: 'name === "sid" ? 15 : 9',
    wrong: 'name === "sid" ? 16 : 9',
  },
  {
    what: "the fast path does not check the trailer",
    file: "decode/scanner.ts",
    right: "if (view.getInt16(bodyEnd, true) !== CRLF) return 0;",
    wrong: "",
  },
  {
    what: "a predicted line is not compared to its end",
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
    what: "a limit is one byte too low if the verb is cut",
    file: "decode/control-line.ts",
    right: "if (end - at > limit) this.#rejectLength(limit);",
    wrong: "if (end - at >= limit) this.#rejectLength(limit);",
  },
  {
    what: "a decoder goes on after a fault",
    file: "decode/scanner.ts",
    right: "if (this.#fault !== undefined) throw this.#fault;",
    wrong: "",
  },
  {
    what: "a subject is cached without a check",
    file: "encode/prefix-cache.ts",
    right: "if (!isRelayable(subject) || subject.length > MAX_SUBJECT) return undefined;",
    wrong: "",
  },
  {
    what: "a line feed in an error text",
    file: "encode/encoder.ts",
    right: "/[\\r\\n\\0]|",
    wrong: "/[\\r\\0]|",
  },
  {
    what: "blanks at the end of a header value are kept",
    file: "headers.ts",
    right: "while (last > first && isBlank(block[last - 1]!)) last--;",
    wrong: "",
  },
  {
    what: "a line that cannot be read is not counted",
    file: "headers.ts",
    right: "if (entry === undefined) skipped++;\n    else entries.push(entry);",
    wrong: "if (entry !== undefined) entries.push(entry);",
  },
  {
    what: "a status of two digits",
    file: "headers.ts",
    right: "(\\d{3})",
    wrong: "(\\d{2,3})",
  },
  {
    what: "a lone CR in a header value",
    file: "headers.ts",
    right: "for (let i = colon; i < end; i++) if (block[i] === CR || block[i] === LF) return undefined;",
    wrong: "",
  },
  {
    what: "text after the header block is not counted",
    file: "headers.ts",
    right: "if (end + 2 < block.length) skipped++;",
    wrong: "",
  },
  {
    what: "the length that a payload reports is trusted",
    file: "bytes.ts",
    right: '/* @__PURE__ */ getter("length");',
    wrong: "function () { return this.length; };",
  },
  {
    what: "a line feed in a name with a flaw",
    file: "encode/encoder.ts",
    right: "/[ \\t\\n]/.test(name)",
    wrong: "/[ \\t]/.test(name)",
  },
  {
    what: "a flaw that the names do not have",
    file: "encode/encoder.ts",
    right: "if (flaw === actual) return;",
    wrong: "return;",
  },
  {
    what: "surrogates that stand for UTF-8 are encoded",
    file: "text.ts",
    right: "return decodeOpaque(bytes, 0, bytes.length) === text ? bytes : undefined;",
    wrong: "return bytes;",
  },
  {
    what: "a name that is not UTF-8 loses its bytes",
    file: "decode/scanner.ts",
    right: "if (this.#hash === 0) return decodeOpaque(this.#bytes, start, end);",
    wrong: "if (this.#hash === 0) return decodeText(this.#bytes, start, end);",
  },
  {
    what: "a message to a wildcard token is rejected",
    file: "subject.ts",
    right: 'return isName(s, "any");',
    wrong: 'return isName(s, "none");',
  },
  {
    what: "a detached chunk is read",
    file: "decode/scanner.ts",
    right: "if (this.#chunk.length !== this.#end) this.#rejectChunk();\n      if",
    wrong: "if",
  },
  {
    what: "a chunk that was detached in the queue is read",
    file: "decode/scanner.ts",
    right: "if (chunk.length !== length) this.#rejectChunk();",
    wrong: "",
  },
  {
    what: "the chunks after a detached one stay",
    file: "decode/scanner.ts",
    right: "this.#clear();\n    this.#queue.clear();",
    wrong: "this.#clear();",
  },
  {
    what: "a sequence is rounded to 53 bits",
    file: "jetstream/fields.ts",
    right: "const value = BigInt(text);",
    wrong: "const value = BigInt(Number(text));",
  },
  {
    what: "an ack subject of ten tokens is read",
    file: "jetstream/ack-subject.ts",
    right: "if (tokens.length === 7) names.splice(0, 2);",
    wrong: "if (tokens.length < 9) names.splice(0, 2);",
  },
  {
    what: "base64 of any length is read",
    file: "jetstream/stored-message.ts",
    right: "if (match === null || text.length % 4 !== 0) return undefined;",
    wrong: "if (match === null) return undefined;",
  },
  {
    what: "a pull request with a long heartbeat is read",
    file: "jetstream/pull.ts",
    right: "return isHeartbeatTooLong(pull) ? undefined :",
    wrong: "return",
  },
  {
    what: "a group of which one argument is missing",
    file: "grammar/verbs.ts",
    right: "(count > min && count !== max && max < Number.POSITIVE_INFINITY)",
    wrong: "(count > max)",
  },
  {
    what: "a place is counted from the wrong end",
    file: "grammar/verbs.ts",
    right: "let arg = at < 0 ? count + at : at;",
    wrong: "let arg = at < 0 ? max + at : at;",
  },
  {
    what: "the sizes after a long list are forgotten",
    file: "grammar/verbs.ts",
    right: "args.slice(2 * count - 4, 2 * count)",
    wrong: "args.slice(0, 4)",
  },
  {
    what: "a list that ends with a size",
    file: "grammar/frame-maker.ts",
    right: "args.slice(place, args.length - after)",
    wrong: "args.slice(place)",
  },
  {
    what: "a line feed in the text of a row",
    file: "grammar/frame-encoder.ts",
    right: "/[\\r\\n\\0]|",
    wrong: "/[\\r\\0]|",
  },
  {
    what: "a line feed in an argument with a flaw",
    file: "grammar/frame-encoder.ts",
    right: "/[ \\t\\r\\n]/.exec(value)",
    wrong: "/[ \\t\\r]/.exec(value)",
  },
  {
    what: "a part of a group is encoded",
    file: "grammar/frame-encoder.ts",
    right: "if (missing.length > 0 && missing.length < optional.length) {",
    wrong: "if (false) {",
  },
  {
    what: "the size that is written leaves out the headers",
    file: "grammar/frame-encoder.ts",
    right: "if (isSized) words.push(String(size));",
    wrong: "if (isSized) words.push(String(payload.length));",
  },
  {
    what: "a queue group is read as the reply",
    file: "grammar/middle.ts",
    right: "return mark === WITHOUT_NAME ? [undefined, names]",
    wrong: "return mark === WITH_NAME ? [undefined, names]",
  },
  {
    what: "queue groups without a reply are written without a mark",
    file: "grammar/middle.ts",
    right: "if (list.length === 0) return [];",
    wrong: "if (name === undefined) return [];",
  },
  {
    what: "names without a mark are read",
    file: "grammar/verbs.ts",
    right: "if (mark !== WITH_NAME)",
    wrong: "if (false)",
  },
  {
    what: "a longer name that begins with a mark is one",
    file: "grammar/verbs.ts",
    right: "return args[2 * arg + 1] === start + 1 ? String",
    wrong: "return true ? String",
  },
  {
    what: "a route for one account is read with accounts",
    file: "cluster/route.ts",
    right: 'const account = pinned ? "" : "account ";',
    wrong: 'const account = "account ";',
  },
  {
    what: "LS- always has an origin",
    file: "cluster/route.ts",
    right: 'lnocu ? "origin " : ""',
    wrong: '"origin "',
  },
  {
    what: "a frame with headers is written without them",
    file: "cluster/link-grammar.ts",
    right: 'op: op === message && headers !== undefined ? "hmsg" : op,',
    wrong: "op,",
  },
  {
    what: "HMSG of a leafnode is a frame of its own",
    file: "cluster/link-grammar.ts",
    right: 'const name = op === "hmsg" ? message : op;',
    wrong: 'const name = op === "hmsg" ? "rmsg" : op;',
  },
  {
    what: "the text of an error is read with its quotes",
    file: "cluster/link-grammar.ts",
    right: "unquoted(text as string)",
    wrong: "text as string",
  },
  {
    what: "one server decides whether LS- has an origin",
    file: "cluster/route-link.ts",
    right: "isAware(this.#connectingInfo) && isAware",
    wrong: "isAware(this.#connectingInfo) || isAware",
  },
  {
    what: "a later INFO changes the account of a route",
    file: "cluster/route-link.ts",
    right: "this.#connectingInfo ??= info;",
    wrong: "this.#connectingInfo = info;",
  },
  {
    what: "a later part that ends between CR and LF is not checked",
    file: "rewrite/part-scanner.ts",
    right: "if (lf < taken && part[lf] !== LF)",
    wrong: "if (lf < taken && cr >= 0 && part[lf] !== LF)",
  },
  {
    what: "the header block of a frame in parts never ends",
    file: "rewrite/part-scanner.ts",
    right: "if (this.#headersLeft > 0) this.#headersLeft -= this.#headersEnd;",
    wrong: "",
  },
  {
    what: "the last part of a payload has a line end",
    file: "rewrite/part-scanner.ts",
    right: "Math.max(0, Math.min(taken, cr))",
    wrong: "taken",
  },
  {
    what: "headers are added, and the verb stays",
    file: "rewrite/splice.ts",
    right: "else into[i++] = H;",
    wrong: "",
  },
  {
    what: "the new size leaves out the headers",
    file: "rewrite/splice.ts",
    right: "(head ?? 0) + body.payload.length",
    wrong: "body.payload.length",
  },
  {
    what: "an added reply replaces a digit of the size",
    file: "rewrite/changes.ts",
    right: "from, to: from, text:",
    wrong: "from, to: from + 1, text:",
  },
  {
    what: "sizes are looked for before the last blank only",
    file: "rewrite/changes.ts",
    right: "sizes > 0; sizes--",
    wrong: "sizes > 1; sizes--",
  },
  {
    what: "what follows a name is not copied",
    file: "rewrite/splice.ts",
    right: "copyRaw(at, plan.rest, at.end, into, view, i)",
    wrong: "copyRaw(at, at.body, at.end, into, view, i)",
  },
  {
    what: "a subject with a flaw is relayed",
    where: "server",
    file: "publish.ts",
    right: 'if (flaw !== undefined) return serverErrorText("INVALID_PUBLISH_SUBJECT");',
    wrong: "",
  },
  {
    what: "a header block without its version is relayed",
    where: "server",
    file: "publish.ts",
    right: "if (headers !== undefined && !isHeaderBlock(headers))",
    wrong: "if (false)",
  },
  {
    what: "the name in an -ERR has any length",
    where: "server",
    file: "peer.ts",
    right: "text.length <= MAX_ERROR",
    wrong: "true",
  },
  {
    what: "cached receivers survive an UNSUB from a pattern",
    where: "server",
    file: "interest.ts",
    right: "if (/[*>]/.test(pattern)) return this.#clearCache();",
    wrong: "",
  },
  {
    what: "frames are read before the client is authorized",
    where: "server",
    file: "peer.ts",
    right: 'return this.#phase !== "closing" && this.#phase !== "authorizing";',
    wrong: 'return this.#phase !== "closing";',
  },
  {
    what: "frames are read after the connection was closed",
    where: "server",
    file: "peer.ts",
    right: 'return this.#phase !== "closing" && this.#phase !== "authorizing";',
    wrong: 'return this.#phase !== "authorizing";',
  },
  {
    what: "a connection stays open after a protocol error of the server",
    where: "session",
    file: "frame-handler.ts",
    right: 'this.#context.fail("PROTOCOL", isStranger ?',
    wrong: 'void ("PROTOCOL", isStranger ?',
  },
  {
    what: "any nonce is signed",
    where: "session",
    file: "handshake.ts",
    right: "/^[A-Za-z0-9_-]{11,128}$/.test(info.nonce)",
    wrong: "true",
  },
  {
    what: "a discovered server chooses the name that its certificate is checked for",
    where: "session",
    file: "servers/pool.ts",
    right: "serverName: isOwn ? host : source.serverName",
    wrong: "serverName: host",
  },
  {
    what: "a message is buffered without a check",
    where: "session",
    file: "outbound.ts",
    right: 'encode({ op: "pub", subject, reply, headers, payload: payload.subarray(0, 0), flaw: undefined });',
    wrong: "",
  },
];

/** Plants each bug in a copy of codec, server and session, and prints which law finds it. Returns the exit code. */
export async function planted(seed: number, workers: number): Promise<number> {
  let found = 0;
  for (const [i, bug] of bugs.entries()) {
    const result = await search(bug, seed, workers);
    if (result !== undefined) found++;
    console.log(`${String(i + 1).padStart(2)}. ${bug.what} (${bug.file}): ${result ?? "NOT FOUND"}`);
  }
  console.log(`${found} of ${bugs.length} planted bugs found`);
  return found === bugs.length ? 0 : 1;
}

/** Returns which target and law find a bug, and the input. */
function search(bug: Planted, seed: number, workers: number): Promise<string | undefined> {
  const { where = "codec", file } = bug;
  // The target that exercises the file most comes first. The others would find the bug, too, but later.
  const near = nearest(file);
  const own = { codec: [near, ...targets.filter((other) => other !== near)], server: ["server"], session };
  const inputs = { codec: INPUTS, server: CONVERSATIONS, session: CALLS }[where];
  const packages = [where, ...PACKAGES.filter((other) => other !== where)];
  return plant(bug, packages, UNDER_TEST, async (codec) => {
    for (const target of own[where]) {
      const { found } = await fuzz({ target, guided: false, inputs, tries: TRIES, seed, workers, codec, first: true });
      const finding = found[0]?.finding;
      if (finding === undefined) continue;
      return `found by ${target}, ${JSON.stringify(finding.law)}: ${escaped(finding.input).slice(0, 60)}`;
    }
    return undefined;
  });
}

/** Returns the target that exercises a file of the codec most. */
function nearest(file: string): string {
  if (file.startsWith("jetstream/")) return "jetstream";
  if (file.startsWith("grammar/")) return "grammar";
  if (file.startsWith("cluster/")) return "cluster";
  if (file.startsWith("rewrite/")) return "rewrite";
  // The generators of the others encode, too, and would throw.
  if (file === "subject.ts") return "round-trip";
  if (file.startsWith("encode/") || file === "bytes.ts" || file === "text.ts") return "encoder";
  return file === "headers.ts" ? "headers" : "decoder-server-frames";
}
