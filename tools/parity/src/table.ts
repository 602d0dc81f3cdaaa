// SPDX-License-Identifier: Apache-2.0
import { themes } from "../scripts/index.ts";
import type { ByRelease, Difference, VersionDifference } from "./difference.ts";
import type { Script } from "./script.ts";

const named: ReadonlyMap<string, Script> = new Map(
  themes.flatMap(({ about, scripts }) =>
    Object.entries(scripts).map(([title, script]) => [`${about}: ${title}`, script] as const),
  ),
);

/** The tables as people read them: docs/differences.md. */
export function differencesPage(
  differences: readonly Difference[],
  versions: readonly VersionDifference[],
  scripts: number,
): string {
  return `# Where ours and nats-server differ

Made from \`tools/parity/differences.ts\`, which the tests read: ${scripts} scripts and conversations made at random
are played on the embedded server and on a real nats-server, and what comes back must be equal but for this table. A
difference that is no longer there fails the tests as one that is not listed does. \`(closed)\` is the end of the connection;
\`CONNECT\` and what the example is not about are left out.

${rows(
  ["what", "for instance", "ours", "nats-server", "why"],
  differences.map(({ name, reason, scripts }) => {
    const [title, { ours, real }] = Object.entries(scripts)[0]!;
    return [name, said(title), heard(ours), heard(real), linked(reason)];
  }),
)}

## Between releases of nats-server

Ours answers as the current one does, and as 2.9 with \`serve({ compat: "2.9" })\`.

${rows(
  ["what", "for instance", "2.9", "current"],
  versions.map(({ name, scripts }) => {
    const [title, heardBy] = Object.entries(scripts)[0]!;
    return [name, said(title), heard(heardBy["2.9"]), heard(heardBy["2.14"])];
  }),
)}

## What no script plays

- **No PING two seconds after CONNECT.** The reference server measures its way to a client then; ours says nothing that it
  need not say, so that a transcript is the same each time.
- **A slow consumer** is cut off when 8 MiB wait for it (\`maxPending\`), not 64. The reference server also cuts it off when one
  write takes ten seconds, and holds its publishers back a little before that; ours does neither.
- **HPUB from a client without headers** ends the connection when its payload is there, not at its line; one that is also
  too large is told so first.
- **A WebSocket** is closed without a code where the reference server gives one (1002, 1008, 1009 …); \`-ERR\` comes before it
  all the same.
- **INFO** has no \`client_ip\`, and a \`nonce\` wherever credentials are asked for. tools/parity/test/info.test.ts compares
  the rest of the greeting.
`;
}

/** `(V5)` leads to the promise it names. */
function linked(reason: string): string {
  return reason.replaceAll(/\((V\d+)\)/g, "([$1](reliability.md#what-the-embedded-server-promises))");
}

function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [row(head), row(head.map(() => "---")), ...body.map(row)].join("\n");
}

/** What is said last, which is what a script is about. */
function said(name: string): string {
  const script = named.get(name)!;
  const last = typeof script === "string" ? script : script.filter(([, text]) => text !== "").at(-1)![1];
  const lines = last.split(/(?<=\n)/).filter((line) => line !== "PING\r\n");
  const [first = ""] = lines;
  return code(
    (lines.length > 1 && /^CONNECT .*"verbose":false,"pedantic":/.test(first) ? lines.slice(1) : lines).join(""),
  );
}

function heard(heard: ByRelease): string {
  if (typeof heard === "string") return heard === "" ? "nothing" : code(heard);
  return Object.entries(heard)
    .map(([who, text]) => `${who}: ${code(String(text))}`)
    .join("<br>");
}

/** Each line by itself, its end left out; the middle of a long one too. */
function code(text: string): string {
  const lines = text.split(/\r\n|(?=\(closed\))/).filter((line) => line !== "");
  return lines
    .map((line) => `\`${escaped(line.length > 70 ? `${line.slice(0, 40)}…${line.slice(-20)}` : line)}\``)
    .join("<br>");
}

function escaped(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replace(/[\x7f-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`);
}
