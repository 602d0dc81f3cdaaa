// SPDX-License-Identifier: Apache-2.0
import type { SessionConfig } from "@natswire/session";
import { concat } from "../../../../packages/fuzz/src/escape.ts";
import { LawBroken } from "../../../../packages/fuzz/src/finding.ts";
import { mutate } from "../../../../packages/fuzz/src/mutate.ts";
import type { Codec } from "../../../../packages/fuzz/src/reading.ts";
import { latin1 } from "../../../testkit/latin1.ts";
import type { Random } from "../../../testkit/random.ts";
import { SessionPlay } from "../session-play.ts";
import type { UnderTest } from "../under-test.ts";

// Separates the first INFO and a later one.
const LATER = 0x1e;
// Values for connect_urls, all of which are tried.
const FEW = 20;

const configs: readonly (Partial<SessionConfig> & Pick<SessionConfig, "servers">)[] = [
  { servers: ["nats://127.0.0.1:1", "nats://127.0.0.2:2"] },
  { servers: ["nats://127.0.0.1:1", "nats://127.0.0.2:2"], hasCredentials: true },
  { servers: ["tls://a.example", "tls://b.example:5"], hasCredentials: true },
  { servers: ["wss://a.example/path", "wss://b.example"] },
];

type Info = Readonly<Record<string, unknown>>;

const kinds: Readonly<Record<string, (value: unknown) => boolean>> = {
  server_id: (value) => typeof value === "string",
  nonce: (value) => typeof value === "string",
  max_payload: isInteger,
  port: isInteger,
  headers: (value) => typeof value === "boolean",
  ldm: (value) => typeof value === "boolean",
  tls_required: (value) => typeof value === "boolean",
  connect_urls: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
};

/** Returns whether a value is a number of 64 bits. */
function isInteger(value: unknown): boolean {
  return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 64;
}

const values = [
  ...[
    "1",
    "0",
    "-1",
    "99",
    "1e999",
    "9007199254740993",
    "1e20",
    "1.5",
    "true",
    "false",
    "null",
    '""',
    "[]",
    "{}",
    '"\\ud800"',
  ],
  ...[
    '"6x4K8-DGTEWZa24"',
    '"short"',
    '"has a blank in it"',
    '["10.0.0.1:1","[::1]:2"]',
    '["user@h:1","h:0","a b:1",""]',
  ],
  ...['["h:1/p","nats://h:1","h:99999","127.0.0.1:1","127.0.0.3:1","A:1","a:1"]', "[1]", '{"toJSON":1}'],
];
const names = [...Object.keys(kinds), "__proto__", "constructor", "toString", "hasOwnProperty", "x"];

/** Generates the INFO that a server sends first, and sometimes a later one. */
export function infos(_: Codec, random: Random): Uint8Array {
  const one = (): string => {
    const fields = Array.from({ length: random.below(5) }, () => `"${random.pick(names)}":${random.pick(values)}`);
    if (random.once(2)) fields.push('"tls_required":true');
    if (random.once(40))
      fields.push(`"connect_urls":[${Array.from({ length: 1100 }, (_, i) => `"h:${i + 1}"`).join()}]`);
    return `{${fields.join(",")}}`;
  };
  const input = concat([
    Uint8Array.of(random.below(256)),
    latin1(one()),
    ...(random.once(2) ? [Uint8Array.of(LATER), latin1(one())] : []),
  ]);
  return random.once(4) ? mutate(input, input, random) : input;
}

/** Returns the laws of a session whose server sends any INFO. */
export function infoLaws(codec: UnderTest): (input: Uint8Array) => void {
  return (input) => {
    const config = configs[(input[0] ?? 0) % configs.length]!;
    const found = input.indexOf(LATER, 1);
    const texts = found < 0 ? [input.subarray(1)] : [input.subarray(1, found), input.subarray(found + 1)];
    const play = new SessionPlay(codec, { maxReconnectAttempts: -1, reconnectDelay: () => 1, timeout: 500, ...config });
    const first = play.connection!;
    let said: Info | undefined = {};
    for (const [i, text] of texts.entries()) {
      const info: Info | undefined = said && infoOf(text);
      if (i === 0) play.opened();
      play.hear(concat([latin1("INFO "), text, latin1("\r\n")]));
      // After a text with a line end, the next one may be part of a payload.
      if (info === undefined && texts.slice(0, i + 1).every(isLine) && play.connection === first) {
        throw new LawBroken("an invalid INFO ends the connection");
      }
      if (i === 0) {
        play.secured();
        play.signed({ user: "ann" });
        play.hear(latin1("PONG\r\n"));
      }
      said = info && { ...said, ...info };
    }
    if (said !== undefined && texts.every(isLine) && play.session.info !== undefined)
      largest(play, said["max_payload"]);
    places(play, config.servers);
    play.end();
    if (Object.keys(Object.prototype).length > 0 || "1" in {}) throw new LawBroken("no INFO changes Object.prototype");
  };
}

function isLine(text: Uint8Array): boolean {
  return text.length < 60_000 && !text.includes(0x0a) && text.some((byte) => byte !== 0x20 && byte !== 0x09);
}

/** Parses an INFO in the plainest way. */
function infoOf(text: Uint8Array): Info | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text).toString());
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    const fields = Object.entries(value).filter(([name, value]) => value !== null && name !== "__proto__");
    if (fields.some(([name, value]) => Object.hasOwn(kinds, name) && !kinds[name]!(value))) return undefined;
    return Object.fromEntries(fields);
  } catch {
    return undefined;
  }
}

function largest({ session }: SessionPlay, most: unknown): void {
  let isTaken = true;
  try {
    session.publish("a", { payload: new Uint8Array(100) });
  } catch {
    isTaken = false;
  }
  if (isTaken !== !(typeof most === "number" && most >= 0 && most < 100)) {
    throw new LawBroken("no message is larger than max_payload", String(most));
  }
}

/** Checks the servers that are dialled when one connection after the other is lost. */
function places(play: SessionPlay, servers: readonly string[]): void {
  const seeds = servers.map((url) => /\/\/([^:/]+)/.exec(url)![1]!);
  const added = new Set<string>();
  for (const told of play.told) {
    const { servers } = JSON.parse(told) as { servers?: { added: string[] } };
    for (const one of servers?.added ?? []) added.add(one);
  }
  if (added.size > 2000) throw new LawBroken("at most a thousand servers are discovered");
  for (const one of added) {
    const port = Number(one.slice(one.lastIndexOf(":") + 1));
    if (!/^(\[[0-9a-fA-F:.]+\]|[^:/@[\]\s]+):\d+$/.test(one) || port < 1 || port > 65_535) {
      throw new LawBroken("a discovered server is a host and a port", one);
    }
  }
  for (let times = Math.min(FEW, added.size) + seeds.length + 1; times > 0; times--) {
    play.lost();
    play.pass(10);
  }
  const hosts = new Set(play.dialled.map(({ to }) => to.host));
  for (const { to } of play.dialled) {
    const name = `${to.host.includes(":") ? `[${to.host}]` : to.host}:${to.port}`;
    if (!seeds.includes(to.host) && !added.has(name))
      throw new LawBroken("only servers that were named are dialled", name);
    // Inside TLS, a server names the others of its cluster, each with a certificate of its own.
    const isOwn = to.serverName === to.host && play.dialled.some(({ isSecure }) => isSecure);
    if (!seeds.includes(to.serverName) && !isOwn)
      throw new LawBroken("a certificate must have the name of a configured server", to.serverName);
    if (to.scheme !== play.dialled[0]!.to.scheme)
      throw new LawBroken("all servers are dialled with the configured scheme", to.scheme);
  }
  if (added.size <= FEW && !play.closed && seeds.some((seed) => !hosts.has(seed))) {
    throw new LawBroken("a configured server is never dropped", [...hosts].join());
  }
}
