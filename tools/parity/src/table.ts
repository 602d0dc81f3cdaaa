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
  return `# Differences from nats-server

The embedded server answers every client as [nats-server](https://github.com/nats-io/nats-server) does, except for this list. Most
programs never meet one of these differences: they concern malformed input, limits, and rules that are stricter on purpose.

For example, a client publishes to \`foo..bar\`, a subject with an empty token. nats-server accepts the message and delivers it to no
subscriber. The embedded server reports the mistake, so that a test finds it:

\`\`\`
                  embedded server                       nats-server
1 -> SUB > 1
1 -> PUB foo..bar 2
1 -> ok
1 -> PING         1 <- -ERR 'Invalid Publish Subject'   1 <- PONG
                  1 <- PONG
\`\`\`

The page is generated from \`tools/parity/differences.ts\`. The tests play ${scripts} scripts and random conversations on the embedded
server and on a real nats-server, and compare the answers. A difference that is not listed fails the tests, and so does a listed one
that no longer exists.

## What the embedded server does on purpose

Each row has an example: what the client sends, and both answers. \`(closed)\` is the end of the connection. \`2.9:\` and \`2.14:\` are
releases of nats-server, if they differ. Each example also sends a \`CONNECT\` first and a \`PING\` last, which the table does not show: a
\`PONG\` at the end answers that \`PING\`. The number in the reason leads to
[a promise](reliability.md#what-the-embedded-server-promises).

${rows(
  ["difference", "example", "embedded server", "nats-server", "reason"],
  differences.map(({ name, reason, scripts }) => {
    const [title, { ours, real }] = Object.entries(scripts)[0]!;
    return [name, sent(title), answer(ours), answer(real), linked(reason)];
  }),
)}

## Between releases of nats-server

The embedded server answers like the [current release](support.md#releases-of-nats-server). With \`serve({ compat: "2.9" })\` it answers like 2.9:

${rows(
  ["difference", "example", "2.9", "current"],
  versions.map(({ name, scripts }) => {
    const [title, byRelease] = Object.entries(scripts)[0]!;
    return [name, sent(title), answer(byRelease["2.9"]), answer(byRelease["2.14"])];
  }),
)}

## Other differences

- **PING after CONNECT.** nats-server sends its first PING two seconds after CONNECT, to measure the round trip. The embedded server sends
  its first PING after the ping interval, so that transcripts are reproducible.
- **Slow consumers.** nats-server also closes a client if one write takes ten seconds. It holds back a publisher for 10 ms for each read
  (releases before 2.10: up to a second for each message). The embedded server holds it back for longer if the slow client takes
  at least 64 KiB in 10 ms.
- **HPUB without headers.** If CONNECT had no \`headers: true\`, an HPUB closes the connection after its payload has been read.
  nats-server closes it after the line. If the HPUB is also too large, that error comes first.
- **WebSocket close codes.** After a broken WebSocket frame the embedded server sends a close frame with a code (1002, 1009);
  nats-server sends no close frame. After \`-ERR\` it is the reverse: the close frame of nats-server has a code (1002, 1008, …), that of the
  embedded server has none.
- **Certificates.** The embedded server sends the authorities of \`tls.ca\` that signed its certificate with it (Node's TLS does).
  nats-server sends what \`cert_file\` has.
- **INFO.** The embedded server sends a \`nonce\` whenever it requires credentials. \`tools/parity/test/info.test.ts\` compares the rest
  of INFO.
- **Message tracing.** Neither server delivers a message with \`Nats-Trace-Only\`. The embedded server also publishes no event to the
  subject of \`Nats-Trace-Dest\`.
- **\`$SYS.REQ.USER.INFO\`.** The answer has no \`seq\` and \`time\` of the server. Other subjects of \`$SYS\` are not answered.
- **Monitoring.** The answers of \`/varz\`, \`/connz\` and \`/subsz\` lack [some fields](server.md#monitoring).
  \`tools/parity/test/monitor.test.ts\` compares the others.
- **Everything above core NATS** does not exist: [limitations of the embedded server](server.md#limitations).
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
