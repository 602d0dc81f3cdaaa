// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import type { HeaderPairs } from "../arguments.ts";
import { readBytes, readStdin, stdinLines } from "./input.ts";
import { expand } from "./template.ts";

/** What is sent, as it was typed. */
export interface SendFlags {
  readonly file?: string;
  readonly header?: HeaderPairs;
  readonly count: number;
  /** Milliseconds between messages. */
  readonly sleep?: number;
  readonly sendOn: "eof" | "newline";
  readonly templates: boolean;
}

/** A message to publish. */
export interface OutgoingMessage {
  readonly subject: string;
  readonly payload: Uint8Array;
  /** `undefined` without any: a server without headers accepts the message. */
  readonly headers: HeaderPairs | undefined;
}

/**
 * Yields the messages to send, at the pace that was asked for.
 *
 * @param body the argument; by default stdin, unless that is a terminal
 * @param limit the number of bytes that a body of stdin may have
 * @param interrupt ends the messages when it is aborted
 * @throws Failure if a file or stdin cannot be read, or a body is too long
 */
export async function* outgoingMessages(
  subject: string,
  body: string | undefined,
  flags: SendFlags,
  limit: number = Number.POSITIVE_INFINITY,
  interrupt?: AbortSignal,
): AsyncGenerator<OutgoingMessage> {
  let isFirst = true;
  for await (const payload of bodies(body, flags, limit, interrupt)) {
    for (let count = 1; count <= flags.count; count++) {
      if (!isFirst && flags.sleep !== undefined)
        await sleep(flags.sleep, undefined, { signal: interrupt }).catch(() => {});
      if (interrupt?.aborted) return;
      isFirst = false;
      const text = (template: string): string => (flags.templates ? expand(template, { count }) : template);
      yield {
        subject: text(subject),
        payload: typeof payload === "string" ? Buffer.from(text(payload)) : payload,
        headers: flags.header?.map(([name, value]) => [name, text(value)] as const),
      };
    }
  }
}

/** Yields the bodies: text of the command line, or bytes of a file or of stdin. */
async function* bodies(
  body: string | undefined,
  { file, sendOn }: SendFlags,
  limit: number,
  interrupt: AbortSignal | undefined,
): AsyncGenerator<string | Uint8Array> {
  if (file !== undefined) yield readBytes(file);
  else if (sendOn === "newline") yield* stdinLines(limit, interrupt);
  else if (body === "-" || (body === undefined && !process.stdin.isTTY)) yield await readStdin(limit);
  else yield body ?? "";
}
