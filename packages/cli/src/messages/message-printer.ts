// SPDX-License-Identifier: Apache-2.0
import type { Message } from "@natswire/node";
import { colours } from "../format/colours.ts";
import { joinText, messageMembers, messageText, visible } from "../format/format.ts";
import { print, printBytes } from "../output.ts";

const NEWLINE = Uint8Array.of(0x0a);

/** How received messages are printed. */
export interface MessageFormat {
  /** Prints the payload only, as it is. */
  readonly raw?: boolean | undefined;
  /** Prints one JSON object per line. */
  readonly json?: boolean | undefined;
  /** Prints no payload. */
  readonly headersOnly?: boolean | undefined;
  /** Prints when the message was received. */
  readonly timestamp?: boolean | undefined;
}

/**
 * Prints a received message, by default on one line: its number, subject, reply subject, headers and payload.
 *
 * @param number `undefined` for a reply, of which only headers and payload are printed
 */
export function printMessage(message: Message, number: number | undefined, format: MessageFormat): void {
  if (format.raw) {
    printBytes(Buffer.concat([message.payload, NEWLINE]));
    return;
  }
  const time = format.timestamp ? new Date().toISOString() : undefined;
  const payload = format.headersOnly ? undefined : message.payload;
  const { subject, reply, flaw, headerBlock: headers } = message;
  if (format.json) {
    print(`{${messageMembers({ time, subject, reply, flaw }, headers, payload)}}`);
    return;
  }
  const names = number === undefined ? "" : reply === undefined ? subject : `${subject} ${reply}`;
  // As a frame is printed, with the names in place of its control line.
  const line = joinText(messageText(visible(names), headers, payload, { full: true }));
  if (number === undefined) print(line.replace(/^ \| /, ""));
  else print(`${colours.dim([`[#${number}]`, time].filter(Boolean).join(" "))} ${colours.cyan(line)}`);
}
