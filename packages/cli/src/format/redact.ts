// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo, ProtocolError } from "@natswire/codec";
import { REDACTED, redacted, withoutUserinfo } from "@natswire/io/adapter";
import type { AnyFrame, DecodedFrame } from "../frame-reader.ts";
import { faultToken } from "./fault-token.ts";
import { formatHint } from "./foreign-bytes.ts";

// Bytes of a malformed line that are shown.
const LINE = 100;

// What a server that connects to another one says about itself. None is secret, and a grammar checks the types of some.
const LINK_FIELDS =
  /^(cluster|cluster_dynamic|gateway|server_id|domain|lnoc|lnocu|ln|is_hub|jetstream|deny_pub|compression|compress_mode|remote_account)$/;

/** Returns the options of CONNECT without credentials. */
export function redactedConnect(options: ConnectInfo): ConnectInfo {
  const shown = Object.entries(options).filter(([name]) => LINK_FIELDS.test(name));
  return { ...redacted(options), ...Object.fromEntries(shown) };
}

/** Returns the bytes of a frame without credentials. Only a CONNECT that has some is encoded again. */
export function redactBytes({ frame, bytes }: DecodedFrame<AnyFrame>): Uint8Array {
  if (frame.op !== "connect") return bytes;
  const json = JSON.stringify(redactedConnect(frame.options));
  return json === JSON.stringify(frame.options) ? bytes : new TextEncoder().encode(`CONNECT ${json}\r\n`);
}

/** Returns a control line without credentials: of a CONNECT that is not JSON, nothing but the verb is kept. */
export function redactLine(line: string): string {
  const [, verb, json = ""] = /^(connect\s)(.*)$/is.exec(line) ?? [];
  if (verb === undefined) return line;
  try {
    return `${verb}${JSON.stringify(redactedConnect(JSON.parse(json)))}`;
  } catch {
    return `${verb}${REDACTED}`;
  }
}

/**
 * Returns a message without the credentials of the arguments that it quotes: everything before the last `@` of each, and the value
 * of an unknown option.
 */
export function redactArguments(message: string, args: readonly string[]): string {
  const values = args.map((arg) => arg.replace(/^--[\w-]+=/, "")).filter((value) => value.includes("@"));
  return values
    .reduce((text, value) => text.replaceAll(value, () => withoutUserinfo(value)), message)
    .replace(/(unknown option '--?[\w-]+)=.*'/s, `$1=${REDACTED}'`);
}

/**
 * Returns what is malformed, with the line unless that may hold credentials.
 *
 * @param bytes the line, if it is known
 * @param words the verbs that may be there
 */
export function describeFault(
  fault: ProtocolError,
  bytes: Uint8Array | undefined,
  words: readonly string[],
  keepCredentials: boolean,
): string {
  const { code, message, offset } = fault;
  const line = bytes === undefined ? "" : escapeLine(bytes);
  const latin1 = Buffer.from(bytes ?? []).toString("latin1");
  const hint = formatHint(fault, latin1);
  const [quoted = ""] = /".*/s.exec(message) ?? [];
  const isSecret = code === "BAD_JSON" || mayHoldCredentials(quoted) || mayHoldCredentials(line);
  if (isSecret && !keepCredentials) return `${describeHidden(fault)}${hint}`;
  const text = message.includes(line) ? message : `${message} in "${line}"`;
  const token = bytes && faultToken(fault, latin1, words);
  // The message of an unknown verb ends with the wrong byte.
  const isNamed = token === undefined || token.text === "" || code === "UNKNOWN_VERB";
  const place = isNamed ? "" : `, byte ${offset + token.at}: "${escapeLine(Buffer.from(token.text, "latin1"))}"`;
  return `${text}${place}${hint}`;
}

function escapeLine(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, LINE)).toString("latin1").trimEnd();
  return text.replace(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** Returns where the bytes are malformed, without them. */
export function describeHidden({ code, offset }: ProtocolError): string {
  return `${code} at byte ${offset}; the bytes may hold credentials: show them with --keep-credentials`;
}

/** Returns whether a line, or a part of one, may be a CONNECT. */
export function mayHoldCredentials(text: string): boolean {
  return /^["\s]*c|connect|auth_token|pass|jwt|sig|nkey/i.test(text);
}
