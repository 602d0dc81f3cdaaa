// SPDX-License-Identifier: Apache-2.0
import { framesOf } from "./frames.ts";

/**
 * What each connection heard, its end as `(closed)`; and under `queue group x` what the members of a group got
 * between them.
 */
export type Transcript = Readonly<Record<string, string>>;

/**
 * Makes of what was heard what two servers have to agree on. Taken out is only what the protocol leaves open:
 *
 * - the order in which one message comes to several subscriptions of one connection: they are sorted;
 * - which member of a queue group gets a message: the sid of such a subscription is `q`, the name of the group and a
 *   number, and what comes to it is told of the group, without the sid, and without headers, which depend on whose
 *   connection it is;
 * - which of several subscriptions is told that there are no responders: the sid is left out;
 * - of an INFO that comes later, what describes the server.
 */
export function transcriptOf(heard: readonly (readonly [who: string, heard: string, closed: boolean])[]): Transcript {
  const transcript: Record<string, string> = {};
  const groups: Record<string, string[]> = {};
  for (const [who, text, closed] of heard) {
    const own = framesOf(text).frames.filter((frame) => {
      const [, subject, group] = /^H?MSG (\S+) q([a-z]+)\d* /.exec(frame) ?? [];
      if (group === undefined) return true;
      groups[`queue group ${group}`] = [...(groups[`queue group ${group}`] ?? []), `${subject}: ${payload(frame)}`];
      return false;
    });
    transcript[who] = sorted(own.map(opaque)).join("") + (closed ? "(closed)" : "");
  }
  // Members of several connections: each is in order, together they are in the order of what was published last.
  for (const [group, messages] of Object.entries(groups)) transcript[group] = messages.sort().join("\n");
  return transcript;
}

function payload(message: string): string {
  const headers = /^HMSG .* (\d+) \d+\r\n/.exec(message)?.[1] ?? 0;
  return message.slice(message.indexOf("\n") + 1 + Number(headers), -2);
}

function opaque(frame: string): string {
  if (/^HMSG .*\r\nNATS\/1.0 503\r\n/.test(frame)) return frame.replace(/^(HMSG \S+) \S+/, "$1 *");
  if (!frame.startsWith("INFO ")) return frame;
  const { connect_info, connect_urls, ldm } = JSON.parse(frame.slice("INFO ".length)) as Record<string, unknown>;
  return `INFO ${JSON.stringify({ connect_info, connect_urls, ldm })}\r\n`;
}

/** Neighbours that are one message for several sids, in the order of the sids. */
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
