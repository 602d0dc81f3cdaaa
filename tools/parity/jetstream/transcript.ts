// SPDX-License-Identifier: Apache-2.0
import type { Step } from "./script.ts";

/** A message that a client received. What is not there is empty. */
export interface Delivery {
  /** If it is not the subscription's. */
  readonly subject?: string;
  readonly reply?: string;
  /** The status, if there is one, and the header lines. */
  readonly headers?: readonly string[];
  /** The payload: the value, if it is a JSON object. */
  readonly data?: unknown;
}

/** What a step led to: messages by subscription, in the order of each; `answer` is that of a request. */
export type Outcome = Readonly<Record<string, readonly Delivery[]>>;

/** The steps of a script with their outcomes. */
export type Transcript = readonly { readonly do: Step; readonly got: Outcome }[];

/**
 * Returns a message without what differs each time it is played: times, names and ids that the server generates, and the
 * version.
 *
 * @param frame `MSG` or `HMSG`, one character a byte
 * @param subscribed the subject of the subscription
 * @param names the generated names so far: `{1}` is the first
 */
export function deliveryOf(frame: string, subscribed: string, names: readonly string[]): Delivery {
  const end = frame.indexOf("\r\n");
  const [verb, subject = "", , ...rest] = frame.slice(0, end).split(/ +/);
  const headerSize = verb === "HMSG" ? Number(rest.at(-2)) : 0;
  const reply = rest[rest.length - (verb === "HMSG" ? 3 : 2)];
  const body = frame.slice(end + 2, -2);
  const headers = headerLines(normal(body.slice(0, headerSize), names));
  const payload = normal(body.slice(headerSize), names);
  return {
    ...(subject !== subscribed && !subscribed.startsWith("_INBOX.") && { subject: normal(subject, names) }),
    ...(reply !== undefined && { reply: normal(reply, names) }),
    ...(headers.length > 0 && { headers }),
    ...(payload !== "" && { data: contentOf(payload) }),
  };
}

function headerLines(block: string): readonly string[] {
  return block.split("\r\n").filter((line) => line !== "" && line !== "NATS/1.0");
}

function contentOf(payload: string): unknown {
  if (/^(.)\1{99,}$/.test(payload)) return `{${payload[0]}*${payload.length}}`;
  if (!payload.startsWith("{")) return payload;
  try {
    return JSON.parse(payload, (key, value) => {
      if (isOpen(key, value)) return `<${key}>`;
      return key === "hdrs" ? headerLines(normal(Buffer.from(value, "base64").toString("latin1"), [])) : value;
    });
  } catch {
    return payload;
  }
}

/** Fields that differ each time: ids and clients in advisories, and time that has passed or remains. */
function isOpen(key: string, value: unknown): boolean {
  if (key === "id") return typeof value === "string";
  if (key === "client") return typeof value === "object";
  return (key === "pause_remaining" || key === "active" || key === "ack_time") && Number(value) > 0;
}

function normal(text: string, names: readonly string[]): string {
  const general = text
    .replace(/\b20(2[5-9]|[3-8]\d)-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/g, "<time>")
    .replace(/(\$JS\.ACK\.\S+?\.)1\d{18}\b/g, "$1<ns>")
    .replace(/(\$JS\.FC\.[^.\s]+\.[^.\s]+\.)\w+/g, "$1<id>")
    .replace(/(Nats-Stream-Source: \S+ \d+ .* )\S+/g, "$1<id>")
    .replace(/\bN[A-Z2-7]{55}\b/g, "<server>")
    .replace(/("_nats\.ver\\?":\\?")[\d.]+/g, "$1<version>");
  return names.reduce((result, name, i) => result.replaceAll(name, `{${i + 1}}`), general);
}

/** Returns how many messages an outcome has. */
export function countOf(outcome: Outcome): number {
  return Object.values(outcome).reduce((sum, deliveries) => sum + deliveries.length, 0);
}
