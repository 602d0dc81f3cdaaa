// SPDX-License-Identifier: Apache-2.0
import type { SubscriptionId } from "./outputs.ts";

/** What a server does not permit. */
export interface Denial {
  readonly operation: "publish" | "subscribe";
  /** The subject, or the reply subject of a message. */
  readonly subject: string;
  /** The queue group of a subscription. */
  readonly queue: string | undefined;
}

/** A denial, and the rest of what its text says. */
export interface ParsedDenial {
  readonly denial: Denial;
  /** The server denies the reply subject of a message. */
  readonly isReply: boolean;
  /** The subscription, if its permission was taken away. */
  readonly sid: SubscriptionId | undefined;
  /** The text after the names. */
  readonly rest: string;
}

const NAME = '"((?:[^"\\\\]|\\\\.)*)"';
const PATTERN = new RegExp(
  `^permissions violation for (publish|subscription) (to|with reply of) ${NAME}(?: using queue ${NAME})?(?: \\(sid "(\\d+)"\\))?(.*)$`,
  "i",
);

/** Reads the text of a permission error; returns `undefined` for other texts. */
export function parseDenial(text: string): ParsedDenial | undefined {
  const [, what, link, subject, queue, sid, rest = ""] = PATTERN.exec(text) ?? [];
  if (what === undefined || link === undefined || subject === undefined) return undefined;
  return {
    denial: {
      operation: /^p/i.test(what) ? "publish" : "subscribe",
      subject: unquote(subject),
      queue: queue === undefined ? undefined : unquote(queue),
    },
    isReply: /^w/i.test(link),
    sid: sid === undefined ? undefined : Number(sid),
    rest,
  };
}

/** Formats a denial: `the server denies subscribing to "foo" using queue "q"`. */
export function formatDenial({ denial: { operation, subject, queue }, isReply, rest }: ParsedDenial): string {
  const verb = operation === "publish" ? "publishing" : "subscribing";
  const using = queue === undefined ? "" : ` using queue ${JSON.stringify(queue)}`;
  return `the server denies ${verb} ${isReply ? "with reply" : "to"} ${JSON.stringify(subject)}${using}${rest}`;
}

/** Returns the name that Go's %q quotes. A subject of ours has no bytes that are not UTF-8. */
function unquote(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|(.))/gi,
    (_, byte?: string, unit?: string, other?: string) => {
      const code = byte ?? unit;
      return code === undefined ? (other ?? "") : String.fromCharCode(Number.parseInt(code, 16));
    },
  );
}
