// SPDX-License-Identifier: Apache-2.0
import { type ConnectInfo, encode, type ServerInfo, serverErrorText } from "@natswire/codec";
import type { Compat, ServerConfig } from "./config.ts";
import type { Peer } from "./peer.ts";

const NKEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64URL_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A server id in an nkey's alphabet and length, as clients expect it; there is no key behind it. */
export function createServerId(random: ServerConfig["random"]): string {
  return `N${randomText(random, NKEY_ALPHABET, 55)}`;
}

/** What a client that has a key signs: 15 characters, used once. */
export function createNonce(random: ServerConfig["random"]): string {
  return randomText(random, BASE64URL_ALPHABET, 15);
}

/** Both alphabets have a power of two of letters, so each is as likely as the next. */
function randomText(random: ServerConfig["random"], alphabet: string, length: number): string {
  const bytes = new Uint8Array(length);
  random(bytes);
  return Array.from(bytes, (byte) => alphabet[byte & (alphabet.length - 1)]).join("");
}

const versions: Record<Compat, string> = { "2.9": "2.9.10", "2.14": "2.14.0" };

/** What changes while a server runs. */
export interface InfoUpdate {
  /** The servers a client may go to, `host:port`. */
  readonly connectUrls?: readonly string[];
  /** The server is about to go. */
  readonly lameDuck?: boolean;
}

/** INFO as a peer is greeted with it, or told of news later. */
export function infoFor(
  peer: Pick<Peer, "id" | "nonce" | "tls" | "connected" | "firstPongSent" | "account">,
  id: string,
  config: ServerConfig,
  { connectUrls, lameDuck }: InfoUpdate,
): ServerInfo {
  const { compat, host, port, maxPayload, serverName, authRequired } = config;
  return {
    server_id: id,
    server_name: serverName ?? id,
    version: versions[compat],
    proto: 1,
    go: "natswire",
    host,
    port,
    headers: true,
    ...(authRequired ? { auth_required: true } : {}),
    ...(peer.tls === undefined ? {} : { [peer.tls.when === "available" ? "tls_available" : "tls_required"]: true }),
    ...(peer.tls?.verify === true ? { tls_verify: true } : {}),
    max_payload: maxPayload,
    client_id: peer.id,
    ...(authRequired && !peer.connected ? { nonce: peer.nonce } : {}),
    ...(connectUrls === undefined ? {} : { connect_urls: connectUrls }),
    ...(lameDuck === true ? { ldm: true } : {}),
    ...(peer.connected && !peer.firstPongSent && compat !== "2.9"
      ? { connect_info: true, remote_account: peer.account }
      : {}),
  };
}

/** Throws UsageError where no INFO can carry the news, so that nobody is told of it. */
export function checkInfoUpdate(update: InfoUpdate, id: string, config: ServerConfig): void {
  const longest = {
    id: Number.MAX_SAFE_INTEGER,
    nonce: "A".repeat(15),
    tls: { when: "available", verify: true },
    connected: false,
    firstPongSent: false,
    account: "",
  } as const;
  encode({ op: "info", info: infoFor(longest, id, config, update) });
}

/** Why a client is refused whose credentials are good: the text for it, and what it is. */
export function connectErrorFor(options: ConnectInfo): readonly [text: string, detail: string] | undefined {
  const { protocol = 0, account, new_account } = options as ConnectInfo & ObsoleteOptions;
  if ((account ?? "") !== "" || (new_account ?? false) !== false)
    return [serverErrorText("AUTHORIZATION")!, "an account by name"];
  if (protocol !== 0 && protocol !== 1) return [serverErrorText("CLIENT_PROTOCOL")!, `protocol ${protocol}`];
  if (options.no_responders === true && options.headers !== true) {
    return [serverErrorText("NO_RESPONDERS_WITHOUT_HEADERS")!, "no_responders without headers"];
  }
  return undefined;
}

/** How a client once chose its account; nobody is let in with it any more. */
interface ObsoleteOptions {
  readonly account?: unknown;
  readonly new_account?: unknown;
}
