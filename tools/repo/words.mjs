// @ts-check
// Checks plain English as far as a machine can; CONTRIBUTING.md has the style. `node tools/repo/words.mjs [PATH …]`.
//
// A line that needs one of these words on purpose carries `words-ok: reason`, or follows a line that does.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import ts from "typescript";

/** Phrases that readers stumble over, and what to write. @type {readonly [RegExp, string][]} */
const phrases = [
  [/\b(is|are|was|were) none\b/i, '"is not …", "there is no …"'],
  [/\b(nobody|no one|whoever|whom)\b/i, "name who: the caller, a client, no subscriber"],
  [/\b(is|are|be|being|was|were) told\b|\btold of\b/i, '"receives", "is notified"'],
  [/\bhear(s|d)?\b/i, '"receives"'],
  [/\blet(s|ting)? (\w+ )?in\b/i, '"accepts"'],
  [/\bso (many|long)\b(?! as)/i, "the number, or its parameter"],
  [/\bgo(es)? on (?!the)/i, '"continues"'],
  [/\bleft out\b/i, '"by default", "without it"'],
  [/\bmore bytes, please\b/i, '"if more bytes are needed"'],
  [/\bfor ever\b/i, '"forever", or the condition that ends it'],
  [/\bat a loss\b|\bmakes no sense\b/i, "what is wrong with the value"],
  [/\bbehind (it|that|them|this|INFO|CONNECT|PONG|what|which|each|all|the (last|first|message))\b/i, '"after"'],
  [/, where (it|that|there|one|they|this|a|the|no)\b/i, '"if", "when"'],
  [/\b(undefined|false|true|error|nothing|zero|0) where\b/i, '"if"'],
  [/\bbe it\b/i, '"whether … or …"'],
  [/\bwish(es|ed)?\b/i, '"requests"'],
];

/** Retired names, and what they are called now. @type {Readonly<Record<string, string>>} */
const retired = {
  Received: "Message",
  Patience: "WaitOptions",
  ClientRequestOptions: "RequestOptions",
  LocalSubscriptionOptions: "ServerSubscribeOptions",
  SessionStats: "ConnectionStats",
  PeerId: "ConnectionId",
  PeerInfo: "ConnectionInfo",
  PoolNews: "ServersChanged",
  ServerChoice: "ServerCandidate",
  Wanted: "FrameMatch",
  Whose: "ExpectOptions",
  ServeAt: "ServeOptions",
  clientLimits: "serverFrames.limits",
  serverLimits: "clientFrames.limits",
  underWay: "inFlight",
  unclaimed: "unmatched",
  surplusPongs: "unexpectedPongs",
  isCrowded: "isFull",
  HIDDEN: "REDACTED",
  LINGER: "DEFAULT_GRACE_MS",
  textsOf: "readPem",
  Scribe: "FrameRecorder",
  Trouble: "FaultInjector",
  SessionRun: "SessionDriver",
  ServerRun: "ServerDriver",
  Answers: "Pending",
  PendingReplies: "Pending",
  Relief: "ReadyWaiters",
  Keeper: "SubscriptionHost",
  Dialogue: "FrameHandler",
  Questions: "PendingOperations",
  Attempts: "ConnectScheduler",
  Complaints: "ErrorRateLimit",
  Copies: "PayloadPool",
  Agenda: "ActionQueue",
  Outflow: "WriteQueue",
};

const LONGEST_TITLE = 70;
const given = process.argv.slice(2);
const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", ...given], { encoding: "utf8" }).stdout;
/** @type {string[]} */
const faults = [];
let allowed = 0;

for (const file of listed.split("\n").filter((name) => name !== "" && existsSync(name))) {
  if (/^(docs\/results|tools\/repo\/(api\/|words\.mjs))|CHANGELOG|\/corpus\/|vectors\/.*\.json$|LICENSE/.test(file))
    continue;
  if (file.endsWith(".md")) checkProse(file);
  else if (/\.(ts|mjs)$/.test(file)) checkCode(file);
}

for (const fault of faults) console.error(fault);
console.log(`${faults.length} places to reword, ${allowed} allowed by words-ok`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Checks what a person reads of a page: neither code nor quoted test titles. @param {string} file */
function checkProse(file) {
  const source = readFileSync(file, "utf8");
  const prose = source
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, blank)
    .replace(/`[^`\n]*`/g, blank)
    .replace(/"[^"\n]*"/g, blank)
    .replace(/\]\([^)\n]*\)/g, blank);
  for (const [i, line] of prose.split("\n").entries()) checkText(file, i, line, source.split("\n"));
}

/** @param {string} file */
function checkCode(file) {
  const source = readFileSync(file, "utf8");
  const lines = source.split("\n");
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
  for (const { start, text } of commentsOf(tree)) {
    const first = tree.getLineAndCharacterOfPosition(start).line;
    for (const [i, line] of text
      .replace(/`[^`]*`/g, blank)
      .split("\n")
      .entries()) {
      checkText(file, first + i, line, lines);
    }
  }
  visit(tree);

  /** @param {ts.Node} node */
  function visit(node) {
    const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
    if (
      ts.isIdentifier(node) &&
      Object.hasOwn(retired, node.text) &&
      !file.startsWith("tools/foreign-clients/clients")
    ) {
      report(file, line, lines, `${node.text} is called ${retired[node.text]} now`);
    }
    if (ts.isCallExpression(node)) checkTitle(node, line);
    if (ts.isFunctionDeclaration(node) && isExported(node) && node.name !== undefined) checkVerb(node, line);
    ts.forEachChild(node, visit);
  }

  /** @param {ts.CallExpression} call @param {number} line */
  function checkTitle({ expression, arguments: [title] }, line) {
    if (!/^(it|test|describe)\b/.test(expression.getText(tree)) || title === undefined) return;
    if (!ts.isStringLiteralLike(title)) return;
    checkText(file, line, title.text.replace(/`[^`]*`/g, blank), lines);
    if (title.text.length > LONGEST_TITLE) {
      report(file, line, lines, `a title of ${title.text.length} characters, limit ${LONGEST_TITLE}`);
    }
  }

  /** @param {ts.FunctionDeclaration} node @param {number} line */
  function checkVerb(node, line) {
    const doc = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
    const text =
      typeof doc?.comment === "string" ? doc.comment : (doc?.comment?.map(({ text }) => text).join("") ?? "");
    if (doc === undefined || /^[A-Z][a-z]+s(?![a-z])/.test(text)) return;
    report(file, line, lines, `the docstring of ${node.name?.text} does not start with a verb ("Returns …")`);
  }
}

/** @param {string} file @param {number} index @param {string} text @param {readonly string[]} lines */
function checkText(file, index, text, lines) {
  for (const [phrase, instead] of phrases) {
    const found = phrase.exec(text);
    if (found) report(file, index, lines, `"${found[0]}": write ${instead}`);
  }
}

/** @param {string} file @param {number} index @param {readonly string[]} lines @param {string} fault */
function report(file, index, lines, fault) {
  if ([lines[index - 1], lines[index]].some((line) => line?.includes("words-ok:"))) allowed++;
  else faults.push(`${file}:${index + 1}: ${fault}`);
}

/** Returns every comment of a file, with its place. @param {ts.SourceFile} tree */
function commentsOf(tree) {
  const source = tree.text;
  /** @type {{ start: number, text: string }[]} */
  const found = [];
  /** @type {Set<number>} */
  const seen = new Set();
  /** @param {ts.Node} node */
  const collect = (node) => {
    for (const range of [
      ...(ts.getLeadingCommentRanges(source, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(source, node.getEnd()) ?? []),
    ]) {
      if (seen.has(range.pos)) continue;
      seen.add(range.pos);
      found.push({ start: range.pos, text: source.slice(range.pos, range.end) });
    }
    for (const child of node.getChildren(tree)) collect(child);
  };
  collect(tree);
  return found;
}

/** @param {ts.Node} node */
function isExported(node) {
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** Returns spaces of the same length and lines. @param {string} text */
function blank(text) {
  return text.replace(/[^\n]/g, " ");
}
