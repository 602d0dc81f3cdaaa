// SPDX-License-Identifier: Apache-2.0
import type { Overflow, SessionConfig } from "@natswire/session";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { type Codec, cut } from "../../../../packages/fuzz/src/reading.ts";
import { stream } from "../../../../packages/fuzz/src/stream.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import { hash, Random } from "../../../testkit/random.ts";
import { INBOX, SessionPlay } from "../session-play.ts";
import type { UnderTest } from "../under-test.ts";

// Separates what a server sends. The next byte selects what else happens before the rest.
const TURN = 0x1e;
const happenings = [
  ...["nothing", "opened", "secured", "signed", "lost", "soon", "later", "published", "subscribed", "paused"],
  ...["asked", "askedMany", "flushed", "drained", "consumed", "left"],
] as const;
type Happening = (typeof happenings)[number];

const loopback = ["nats://127.0.0.1:1", "nats://127.0.0.2:2"];
const configs: readonly (Partial<SessionConfig> & Pick<SessionConfig, "servers">)[] = [
  { servers: loopback },
  { servers: loopback, verbose: true, whileDisconnected: "drop" },
  { servers: loopback, hasCredentials: true, tls: "never" },
  { servers: loopback, hasCredentials: true, tls: "opportunistic", ignoreClusterUpdates: true },
  { servers: ["tls://a.example", "nats://b.example"], hasCredentials: true },
  { servers: ["nats://ann:secret@a.example"], reconnect: false },
  { servers: ["nats://t0ken@a.example"], tls: "opportunistic", handshakeFirst: true },
  { servers: ["wss://a.example", "ws://127.0.0.1"], whileDisconnected: "reject", waitOnFirstConnect: true },
];

const infos = [
  'INFO {"headers":true,"max_payload":100}\r\n',
  'INFO {"tls_required":true,"nonce":"6x4K8-DGTEWZa24"}\r\n',
  'INFO {"tls_available":true,"headers":true,"connect_urls":["10.0.0.1:4222","[::1]:1"]}\r\n',
  'INFO {"nonce":"short"}\r\n',
];
const words = [
  ...[
    "PONG\r\n",
    "PONG\r\n",
    "PING\r\n",
    "+OK\r\n",
    "MSG a 1 1\r\nx\r\n",
    "MSG a.b 2 3\r\nxyz\r\n",
    "MSG a 3 0\r\n\r\n",
  ],
  ...[1, 2, 3].flatMap((ticket) => [`MSG ${INBOX}.${ticket} 1 2\r\nok\r\n`, `MSG ${INBOX}.${ticket} 2 0\r\n\r\n`]),
  `HMSG ${INBOX}.1 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`,
  ...["Stale Connection", "Authorization Violation", 'Permissions Violation for Publish to "a"', "Unknown"].map(
    (error) => `-ERR '${error}'\r\n`,
  ),
  ...['INFO {"ldm":true}\r\n', 'INFO {"connect_urls":["10.0.0.2:4222","x"],"max_payload":-1}\r\n'],
];

/** Generates what a server sends from its INFO on, and what else happens meanwhile. */
export function serverTalk(codec: Codec, random: Random): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(random.below(256))];
  const turn = (happening: Happening): void => {
    parts.push(Uint8Array.of(TURN, happenings.indexOf(happening)));
  };
  const greet = (): void => {
    turn("opened");
    parts.push(latin1(random.once(9) ? "" : random.pick(infos)));
    turn("secured");
    if (random.once(9)) parts.push(latin1(random.pick(infos)));
    turn("signed");
    parts.push(latin1("PONG\r\n"));
  };
  if (!random.once(9)) greet();
  for (let turns = random.below(9); turns > 0; turns--) {
    turn(random.pick(happenings));
    for (let i = random.below(4); i > 0; i--) parts.push(latin1(random.pick(words)));
    if (random.once(4)) parts.push(stream(codec, "server", random));
    if (random.once(5)) greet();
  }
  return concat(parts);
}

interface Turn {
  readonly happens: Happening;
  readonly says: Uint8Array;
}

function turnsOf(input: Uint8Array): Turn[] {
  const turns: Turn[] = [];
  let happens: Happening = "nothing";
  for (let at = 1; at <= input.length; ) {
    const found = input.indexOf(TURN, at);
    const end = found < 0 ? input.length : found;
    turns.push({ happens, says: input.slice(at, end) });
    happens = happenings[(input[end + 1] ?? 0) % happenings.length]!;
    at = end + 2;
  }
  return turns;
}

/** Returns the laws of a session whose server sends anything at any time. */
export function sessionLaws(codec: UnderTest): (input: Uint8Array) => void {
  return (input) => {
    const turns = turnsOf(input);
    const how = input[0] ?? 0;
    const chance = new Random(hash(input));
    const whole = played(codec, how, turns, (says) => [says]);
    const pieces = played(codec, how, turns, (says) => cut(says, chance));
    if (whole.length !== pieces.length || whole.some((one, i) => one !== pieces[i])) {
      const at = whole.findIndex((one, i) => one !== pieces[i]);
      const detail = `whole  ${whole[at]}\npieces ${pieces[at]}`;
      throw new LawBroken("chunking changes no action, event or byte of a session", detail);
    }
  };
}

/** Returns all actions, events and bytes of the session. */
function played(
  codec: UnderTest,
  how: number,
  turns: readonly Turn[],
  chunksOf: (says: Uint8Array) => Uint8Array[],
): string[] {
  const config = configs[how % configs.length]!;
  const limits = { timeout: 500, pingInterval: 1000, maxReconnectAttempts: 3, maxPending: 300 };
  const play = new SessionPlay(codec, { ...limits, ...config });
  const overflow = (["drop-newest", "drop-oldest", "close", "pause"] as const)[how >> 6]!;
  for (const { happens, says } of turns) {
    happen(play, happens, overflow);
    for (const chunk of chunksOf(says)) play.hear(chunk);
    play.happens(() => {});
  }
  play.end();
  for (const { to, isSecure, said } of play.dialled) {
    const isSecret = config.hasCredentials === true || config.servers.some((url) => url.includes("@"));
    if (isSecret && !isSecure && said.length > 0 && !/^(127\.|::1$)/.test(to.host)) {
      throw new LawBroken("with credentials, nothing is sent to another machine in plain text");
    }
  }
  // TLS starts as soon as INFO is decoded. A fault in the bytes after it may be found before that or after.
  const told = play.told.filter(
    (one, i, all) => !(one.startsWith('{"do":"start-tls"') && all[i + 1]?.startsWith('{"do":"close"')),
  );
  return [...told, ...play.dialled.map(({ said }) => Buffer.concat(said).toString("latin1"))];
}

function happen(play: SessionPlay, what: Happening, overflow: Overflow): void {
  const { session } = play;
  const payload = latin1("payload");
  const ask = (ask: () => number): void => play.wishes(() => play.open.add(ask()));
  switch (what) {
    case "nothing":
      return;
    case "opened":
      return play.opened();
    case "secured":
      return play.secured();
    case "signed":
      return play.signed({ user: "ann", pass: "secret" });
    case "lost":
      return play.lost();
    case "soon":
      return play.pass(300);
    case "later":
      return play.pass(6000);
    case "published":
      return play.wishes(() => session.publish("a", { payload }));
    case "subscribed":
      return play.wishes(() => play.live.add(session.subscribe("a.*", { max: 2, queue: "q" })));
    case "paused":
      return play.wishes(() => play.live.add(session.subscribe("a", { maxMessages: 1, overflow })));
    case "asked":
      return ask(() => session.request("a", { payload }, { timeout: 250 }, play.now));
    case "askedMany":
      return ask(() => {
        const options = { timeout: 900, noMux: true, many: { stall: 99 } };
        const ticket = session.request("a", { payload }, options, play.now);
        play.many.add(ticket);
        return ticket;
      });
    case "flushed":
      return ask(() => session.flush(play.now));
    case "drained":
      return ask(() => session.drain(play.now));
    case "consumed":
      for (const sid of play.live) play.happens(() => session.consumed(sid, 1, 1));
      return;
    case "left":
      play.happens(() => session.setServers(["127.0.0.3", "127.0.0.4"]));
      return void play.happens(() => session.reconnect(play.now));
  }
}
