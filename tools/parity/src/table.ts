// SPDX-License-Identifier: Apache-2.0
import { themes } from "../scripts/index.ts";
import type { ByRelease, Difference, VersionDifference } from "./difference.ts";
import type { Script } from "./script.ts";

const named: ReadonlyMap<string, Script> = new Map(
  themes.flatMap(({ about, scripts }) =>
    Object.entries(scripts).map(([title, script]) => [`${about}: ${title}`, script] as const),
  ),
);

/** Returns the text of docs/differences.md. */
export function differencesPage(
  differences: readonly Difference[],
  versions: readonly VersionDifference[],
  scripts: number,
): string {
  return `# Differences between the embedded server and nats-server

Generated from \`tools/parity/differences.ts\`, which the tests read. ${scripts} scripts and random conversations are played on
the embedded server and on a real nats-server. The answers must be equal except for this table. A difference that is not
listed fails the tests, and so does a listed one that no longer exists. \`(closed)\` is the end of the connection. The examples
omit \`CONNECT\` and what they are not about.

${rows(
  ["difference", "example", "embedded server", "nats-server", "reason"],
  differences.map(({ name, reason, scripts }) => {
    const [title, { ours, real }] = Object.entries(scripts)[0]!;
    return [name, sent(title), answer(ours), answer(real), linked(reason)];
  }),
)}

## Between releases of nats-server

The embedded server answers like the current release, and like 2.9 with \`serve({ compat: "2.9" })\`.

${rows(
  ["difference", "example", "2.9", "current"],
  versions.map(({ name, scripts }) => {
    const [title, byRelease] = Object.entries(scripts)[0]!;
    return [name, sent(title), answer(byRelease["2.9"]), answer(byRelease["2.14"])];
  }),
)}

## Differences without a script

- **No PING two seconds after CONNECT.** nats-server measures the round trip with it. The embedded server sends only what it
  must, so that transcripts are reproducible.
- **A slow consumer** is closed when 8 MiB are queued for it (\`maxPending\`), not 64. nats-server also closes it if one write
  takes ten seconds, and slows its publishers before that. The embedded server does neither.
- **HPUB from a client without headers**: if CONNECT had no \`headers: true\`, an HPUB closes the connection once its payload has
  been read. nats-server closes it after the line. If the HPUB is also too large, that error comes first.
- **A WebSocket** is closed without a code if nats-server sends one (1002, 1008, 1009 …). \`-ERR\` is sent before in both.
- **INFO** has no \`client_ip\`, and a \`nonce\` whenever credentials are required. tools/parity/test/info.test.ts compares the
  rest of INFO.
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

/** Returns what a script sends last, which is what it is about; with the piece before, if it was sent in pieces. */
function sent(name: string): string {
  const script = named.get(name)!;
  const steps = typeof script === "string" ? [["a", script] as const] : script.filter(([, text]) => text !== "");
  const isInPieces = steps.at(-2)?.[2] === "more";
  const last = steps
    .slice(isInPieces ? -2 : -1)
    .map(([, text]) => text)
    .join("");
  const lines = last.split(/(?<=\n)/).filter((line) => line !== "PING\r\n");
  const [first = ""] = lines;
  return code(
    (lines.length > 1 && /^CONNECT .*"verbose":false,"pedantic":/.test(first) ? lines.slice(1) : lines).join(""),
  );
}

function answer(expected: ByRelease): string {
  if (typeof expected === "string") return expected === "" ? "nothing" : code(expected);
  return Object.entries(expected)
    .map(([who, text]) => `${who}: ${code(String(text))}`)
    .join("<br>");
}

/** Returns each line as code, without its end. Long lines are shortened in the middle. */
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
