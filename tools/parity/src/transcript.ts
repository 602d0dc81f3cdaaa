// SPDX-License-Identifier: Apache-2.0
import { framesOf } from "./frames.ts";

/**
 * What each connection received, with its end as `(closed)`. What the members of a queue group received together is under
 * `queue group x`.
 */
export type Transcript = Readonly<Record<string, string>>;

/**
 * Returns what two servers must agree on. It removes only what the protocol leaves open:
 *
 * - the order in which several subscriptions of one connection receive one message: they are sorted;
 * - which member of a queue group receives a message: the sid of such a subscription is `q`, the name of the group and a
 *   number. Its messages are listed under the group, without the sid, and without headers, which depend on the connection;
 * - which of several subscriptions receives the 503 for no responders: the sid is removed;
 * - the fields of a later INFO that describe the server, and those of an answer to `$SYS.REQ.USER.INFO`.
 */
export function transcriptOf(
  connections: readonly (readonly [who: string, received: string, closed: boolean])[],
): Transcript {
  const transcript: Record<string, string> = {};
  const groups: Record<string, string[]> = {};
  for (const [who, text, closed] of connections) {
    const own = framesOf(text).frames.filter((frame) => {
      const [, subject, group] = /^H?MSG (\S+) q([a-z]+)\d* /.exec(frame) ?? [];
      if (group === undefined) return true;
      groups[`queue group ${group}`] = [...(groups[`queue group ${group}`] ?? []), `${subject}: ${payload(frame)}`];
      return false;
    });
    transcript[who] = sorted(own.map(withoutOpen)).join("") + (closed ? "(closed)" : "");
  }
  // Each member receives in order, but the order across connections is open.
  for (const [group, messages] of Object.entries(groups)) transcript[group] = messages.sort().join("\n");
  return transcript;
}

function payload(message: string): string {
  const headers = /^HMSG .* (\d+) \d+\r\n/.exec(message)?.[1] ?? 0;
  return message.slice(message.indexOf("\n") + 1 + Number(headers), -2);
}

/** Returns an answer to `$SYS.REQ.USER.INFO` without what describes the server; the order of subjects in lists is open. */
function userInfo(frame: string): string {
  const [line = "", json = ""] = frame.split("\r\n");
  const sorted = (_: string, value: unknown): unknown => (Array.isArray(value) ? value.sort() : value);
  const { data } = JSON.parse(json) as { data: unknown };
  return `${line.replace(/\d+$/, "*")}\r\n${JSON.stringify(data, sorted)}\r\n`;
}

function withoutOpen(frame: string): string {
  if (/^MSG .*\r\n\{"server":/.test(frame)) return userInfo(frame);
  if (/^HMSG .*\r\nNATS\/1.0 503\r\n/.test(frame)) return frame.replace(/^(HMSG \S+) \S+/, "$1 *");
  if (!frame.startsWith("INFO ")) return frame;
  const { connect_info, connect_urls, ldm } = JSON.parse(frame.slice("INFO ".length)) as Record<string, unknown>;
  return `INFO ${JSON.stringify({ connect_info, connect_urls, ldm })}\r\n`;
}

/** Sorts consecutive frames that are one message for several sids by sid. */
function sorted(frames: readonly string[]): string[] {
  const messageOf = (frame: string) => /^H?MSG /.test(frame) && frame.replace(/^(H?MSG \S+) \S+/, "$1");
  const runs: string[][] = [];
  for (const frame of frames) {
    const last = runs.at(-1);
    if (last !== undefined && messageOf(frame) !== false && messageOf(last[0]!) === messageOf(frame)) last.push(frame);
    else runs.push([frame]);
  }
  return runs.flatMap((run) => run.sort());
}
