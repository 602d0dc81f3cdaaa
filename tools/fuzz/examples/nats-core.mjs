// @ts-check
// The worked example of docs/fuzzing.md: the parser of the official JavaScript client, held to the laws.
import { Kind, MsgImpl, Parser } from "@nats-io/nats-core/internal";

export const from = "server";

/**
 * Returns what the official parser decodes.
 *
 * @param {readonly Uint8Array[]} chunks one stream from its beginning
 * @returns {import("@natswire/fuzz").ParserReading}
 */
export default function parse(chunks) {
  /** @type {Record<string, unknown>[]} */
  const frames = [];
  const parser = new Parser({
    push: (event) => {
      if (event !== undefined) frames.push(frameOf(event));
    },
  });
  try {
    for (const chunk of chunks) parser.parse(chunk);
  } catch (error) {
    return { frames, error };
  }
  return { frames };
}

/** @param {import("@nats-io/nats-core/internal").ParserEvent} event */
function frameOf({ kind, msg, data }) {
  switch (kind) {
    case Kind.MSG: {
      const message = new MsgImpl(/** @type {any} */ (msg), /** @type {any} */ (data), /** @type {any} */ (null));
      const reply = msg?.reply === undefined ? undefined : message.reply;
      const headers = (msg?.hdr ?? -1) < 0 ? undefined : data?.slice(0, msg?.hdr);
      return { op: "msg", subject: message.subject, sid: message.sid, reply, headers, payload: message.data.slice() };
    }
    case Kind.ERR:
      // The client above the parser removes the quotes.
      return {
        op: "err",
        text: new TextDecoder()
          .decode(data)
          .replace(/[ \t]+$/, "")
          .replace(/^'(.*)'$/s, "$1"),
      };
    case Kind.INFO:
      // The client above the parser reads the JSON.
      return { op: "info" };
    default:
      return { op: kind === Kind.OK ? "ok" : kind === Kind.PING ? "ping" : "pong" };
  }
}

/**
 * Returns whether subject or reply is not UTF-8: then it holds lone surrogates here, and U+FFFD there.
 *
 * @param {unknown} frame
 */
function hasOpaqueName(frame) {
  const { subject = "", reply = "" } = /** @type {{ subject?: string, reply?: string }} */ (frame);
  return /\p{Surrogate}/u.test(subject + reply);
}

/**
 * Returns why the parser may differ from ours, or `undefined` if it may not.
 *
 * @param {import("@natswire/fuzz").Difference} difference
 * @returns {string | undefined}
 */
export function allowed({ input, ours: { fault, frames, rest }, theirs }) {
  const text = Buffer.from(input).toString("latin1");
  const line = text.slice(fault?.offset ?? 0);
  if (/\r(?!\n|$)/.test(text)) return "a CR inside a line: a separator there, a byte of a token here";
  if (text.includes("\xef\xbb\xbf")) return "a byte order mark is dropped there";
  if (frames.some(hasOpaqueName)) return "a name that is not UTF-8 loses its bytes there";
  switch (fault?.code) {
    case "UNKNOWN_VERB":
      if (/^(PING|PONG|\+OK)/i.test(line)) return "whatever stands behind PING, PONG and +OK is skipped there";
      break;
    case "BAD_TRAILER":
      return "what stands between a payload and the next LF is skipped there";
    case "BAD_JSON":
      return "INFO is read by the client above the parser there";
    case "BAD_ARGUMENTS":
      if (/^(H?MSG|INFO|-ERR)[ \t]+\r?\n/i.test(line))
        return "the byte behind the blanks begins an argument there, be it an LF";
      break;
    case "BAD_SIZE":
      if (/[ \t]\d{10,15}[ \t\r\n]/.test(line)) return "sizes of up to 15 digits there, of up to 9 here";
      break;
    case undefined:
      if (theirs.frames.length === frames.length + 1 && rest < input.length)
        return "a message is delivered before its CRLF there";
      break;
  }
  return undefined;
}
