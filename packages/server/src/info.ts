// SPDX-License-Identifier: Apache-2.0
import { encode, type ServerInfo } from "@natswire/codec";
import type { Compat, ServerConfig } from "./config.ts";
import type { Peer } from "./peer.ts";

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
