// SPDX-License-Identifier: Apache-2.0
import { byteLength, plainView } from "../bytes.ts";
import type { Positions } from "../decode/positions.ts";
import type { Scanner } from "../decode/scanner.ts";
import { formatValue, typeName, UsageError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { explainInvalid, isPattern, isRelayable } from "../subject.ts";
import { isBlank } from "../text.ts";
import { PartScanner } from "./part-scanner.ts";

const MAX_SIZE = 999_999_999;
const LF = 0x0a;
const CR = 0x0d;

/** A change at the start of a subject or reply. Its other bytes are copied as they are, and no string is made of them. */
export interface NameChange {
  /** How many bytes are removed from the start, fewer than there are; 0 by default. The dot after a token counts. */
  readonly cut?: number | undefined;
  /** What is put before the rest: tokens, and the dot after them, such as `eu.`. Nothing by default. */
  readonly add?: string | undefined;
}

/** What `splice` replaces in a frame. A field that is absent or `undefined` stays as it is. */
export interface Changes {
  readonly subject?: string | NameChange | undefined;
  /** The reply of a message; `null` removes it. If the frame has none, a string adds it, and a `NameChange` does nothing. */
  readonly reply?: string | NameChange | null | undefined;
  /** The header block, as `encodeHeaders` returns it; `null` removes it: HPUB becomes PUB, and HMSG becomes MSG. */
  readonly headers?: Uint8Array | null | undefined;
  readonly payload?: Uint8Array | undefined;
}

/** A name to write: `text` at `from`. The frame's own bytes continue at `to`. */
export interface NameEdit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The changes of one frame, read once and checked, with the positions where they apply. */
export interface Plan {
  /** The names to write, in the order of the line. */
  readonly first: NameEdit | undefined;
  readonly second: NameEdit | undefined;
  /** Headers and payload, if one of them changes. */
  readonly body: Body | undefined;
  /** Where the frame's own bytes continue after its last change, if headers and payload stay. */
  readonly rest: number;
  /** The most bytes that the control line takes. */
  readonly maxLine: number;
}

/** A new header block and payload, and where the sizes are in the control line. */
export interface Body {
  readonly sizes: number;
  readonly hadHeaders: boolean;
  readonly headers: Uint8Array | undefined;
  readonly payload: Uint8Array;
}

const FIELDS = ["subject", "reply", "headers", "payload"];
const WITH_TWIN = /^H?(PUB|MSG)$/;

/**
 * Reads and checks the changes to the frame that a scanner stands on.
 *
 * @throws UsageError as `splice` says
 */
export function planOf(scanner: Scanner, at: Positions, changes: Changes): Plan {
  if (typeof changes !== "object" || changes === null) reject(`changes must be an object, not ${typeName(changes)}`);
  for (const name in changes) {
    if (name !== "subject" && name !== "reply" && name !== "headers" && name !== "payload") rejectField(name);
  }
  const { subject, reply, headers, payload } = changes;
  if (at.start === at.end) reject("there is no frame to splice: call next() first");
  const isChanged = headers !== undefined || payload !== undefined;
  if (isChanged && scanner instanceof PartScanner && scanner.mayBeParted) {
    reject(
      "headers and payload cannot be changed in a frame above `whole` bytes: create the PartScanner with a larger one",
    );
  }
  const newSubject = subject === undefined ? undefined : subjectEdit(at, subject);
  const newReply = reply === undefined ? undefined : replyEdit(at, reply);
  // In a grammar of your own, the reply may come first.
  const isTurned = newSubject === undefined || (newReply !== undefined && newReply.from < newSubject.from);
  const first = isTurned ? newReply : newSubject;
  const second = isTurned ? newSubject : newReply;
  const added = (first === undefined ? 0 : first.text.length) + (second === undefined ? 0 : second.text.length);
  return {
    first,
    second,
    body: isChanged ? bodyOf(at, headers, payload) : undefined,
    rest: second !== undefined ? second.to : first !== undefined ? first.to : at.start,
    // A character takes at most three bytes; two sizes, blanks and an H take less than 32.
    maxLine: at.body - at.start + 3 * added + 32,
  };
}

function subjectEdit(at: Positions, change: string | NameChange): NameEdit {
  const { verb, subject, subjectEnd } = at;
  if (subject === subjectEnd || verb === undefined || verb.body === "text" || verb.body === "json") {
    return reject(`${verb?.word ?? "a later part of a frame"} has no subject`);
  }
  // A SUB has a pattern, in which > is the last token.
  return nameEdit("subject", change, subject, subjectEnd, verb.body === "none" ? isPattern : isRelayable);
}

function replyEdit(at: Positions, change: string | NameChange | null): NameEdit | undefined {
  const { verb, reply, replyEnd, bytes } = at;
  if (verb === undefined || (verb.body !== "size" && verb.body !== "headers+size")) {
    return reject(`${verb?.word ?? "a later part of a frame"} has no reply`);
  }
  const isThere = reply < replyEnd;
  if (isThere && change !== null) return nameEdit("reply", change, reply, replyEnd);
  if (change === null ? !isThere : typeof change !== "string") return undefined;
  if (verb.read !== undefined) reject(`the reply of ${verb.word} can be replaced, not added or removed`);
  if (change === null) {
    let to = replyEnd;
    while (isBlank(bytes[to]!)) to++;
    return { from: reply, to, text: "" };
  }
  const from = sizesOf(at);
  const { text } = nameEdit("reply", change as string, from, from);
  return { from, to: from, text: `${text} ` };
}

function nameEdit(
  what: string,
  change: string | NameChange,
  from: number,
  end: number,
  isValid: (name: string) => boolean = isRelayable,
): NameEdit {
  if (typeof change === "string") {
    if (!isValid(change)) throw new UsageError("BAD_SUBJECT", explainInvalid(what, change));
    return { from, to: end, text: change };
  }
  if (typeof change !== "object" || change === null || Array.isArray(change)) {
    reject(`${what} must be a string or an object, not ${typeName(change)}`);
  }
  for (const name in change) {
    if (name !== "cut" && name !== "add") reject(`unknown field "${name}" of ${what}: use cut and add`);
  }
  const { cut = 0, add = "" } = change;
  if (!Number.isSafeInteger(cut) || cut < 0 || cut >= end - from) {
    const range = `a whole number from 0 to ${end - from - 1}, less than the length of the ${what}`;
    throw new UsageError("BAD_NUMBER", `${what}.cut must be ${range}, not ${formatValue(cut)}`);
  }
  if (add !== lastAdd) checkAdd(what, add, isValid);
  return { from, to: from + cut, text: add };
}

// The last `add` that is valid before every name: a proxy uses the same again and again.
let lastAdd = "";

function checkAdd(what: string, add: string, isValid: (name: string) => boolean): void {
  if (add === "") return;
  if (typeof add !== "string") throw new UsageError("BAD_SUBJECT", explainInvalid(`${what}.add`, add));
  // The x stands for the rest of the name.
  const name = `${add}x`;
  if (!isValid(name)) throw new UsageError("BAD_SUBJECT", `${what}.add: ${explainInvalid(what, name)}`);
  if (isPattern(name)) lastAdd = add;
}

function bodyOf(at: Positions, headers: Uint8Array | null | undefined, payload: Uint8Array | undefined): Body {
  const { verb, bytes, body, headersEnd, bodyEnd } = at;
  if (verb!.body !== "size" && verb!.body !== "headers+size")
    reject(`${verb!.word} has no ${headers === undefined ? "payload" : "headers"}`);
  const hadHeaders = headersEnd >= 0;
  const hasHeaders = headers === undefined ? hadHeaders : headers !== null;
  if (hasHeaders !== hadHeaders && (verb!.read !== undefined || !WITH_TWIN.test(verb!.word))) {
    reject(`the headers of ${verb!.word} can be replaced, not added or removed`);
  }
  const own = (part: Uint8Array, what: string): Uint8Array => {
    byteLength(part, what);
    return plainView(part);
  };
  const result = {
    sizes: sizesOf(at),
    hadHeaders,
    headers:
      headers === undefined
        ? hadHeaders
          ? bytes.subarray(body, headersEnd)
          : undefined
        : headers === null
          ? undefined
          : own(headers, "headers"),
    payload: payload === undefined ? bytes.subarray(hadHeaders ? headersEnd : body, bodyEnd) : own(payload, "payload"),
  };
  const size = (result.headers?.length ?? 0) + result.payload.length;
  if (size > MAX_SIZE) throw new UsageError("TOO_LARGE", `message is ${size} bytes, limit ${MAX_SIZE}`);
  return result;
}

/** Returns the position of the first size, which is one of the last two arguments. */
function sizesOf({ bytes, body, headersEnd }: Positions): number {
  let i = body - 1;
  for (let sizes = headersEnd < 0 ? 1 : 2; sizes > 0; sizes--) {
    while (isBlank(bytes[i]!) || bytes[i] === LF || bytes[i] === CR) i--;
    while (!isBlank(bytes[i]!)) i--;
  }
  return i + 1;
}

function reject(message: string): never {
  throw new UsageError("BAD_FIELD", message);
}

function rejectField(name: string): never {
  const near = nearest(name, FIELDS);
  return reject(`unknown change ${formatValue(name)}${near === undefined ? "" : `: did you mean "${near}"?`}`);
}
