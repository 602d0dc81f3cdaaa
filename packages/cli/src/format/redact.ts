// SPDX-License-Identifier: Apache-2.0
import { REDACTED, redacted, withoutUserinfo } from "@natswire/io/adapter";
import type { Frame } from "../frame-reader.ts";

/** Returns the bytes of a frame without credentials. Only a CONNECT that has some is encoded again. */
export function redactBytes(frame: Frame, bytes: Uint8Array): Uint8Array {
  if (frame.op !== "connect") return bytes;
  const json = JSON.stringify(redacted(frame.options));
  return json === JSON.stringify(frame.options) ? bytes : new TextEncoder().encode(`CONNECT ${json}\r\n`);
}

/** Returns a control line without credentials: of a CONNECT that is not JSON, nothing but the verb is kept. */
export function redactLine(line: string): string {
  const [, verb, json = ""] = /^(connect\s)(.*)$/is.exec(line) ?? [];
  if (verb === undefined) return line;
  try {
    return `${verb}${JSON.stringify(redacted(JSON.parse(json)))}`;
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
