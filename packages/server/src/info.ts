// SPDX-License-Identifier: Apache-2.0
import { encode } from "@natswire/codec";
import type { Compat, ServerConfig } from "./config.ts";
import type { CompleteInfo } from "./outputs.ts";
import type { Peer } from "./peer.ts";
import { createServerId } from "./random-text.ts";
import type { ModuleInfo } from "./server-module.ts";

const versions: Record<Compat, string> = { "2.9": "2.9.10", "2.14": "2.14.0" };

/** The fields of INFO that change while a server runs. */
export interface InfoUpdate {
  /** Servers that clients may connect to, `host:port`. */
  readonly connectUrls?: readonly string[];
  /** The server is about to stop: clients should connect to another one. */
  readonly lameDuck?: boolean;
}

type Recipient = Pick<Peer, "id" | "address" | "nonce" | "tls" | "phase" | "account">;

/**
 * Builds the INFO of one listener, and sends it to each peer when that peer may receive it.
 *
 * A client reads INFO when it connects. It expects no other before its first PONG, and none at all if its protocol is 0.
 */
export class InfoSender {
  readonly #id: string;
  readonly #config: ServerConfig;
  // What modules add.
  readonly #fields: ModuleInfo;
  #update: InfoUpdate = {};
  #revision = 0;

  /** @param id the server's id; a new one by default */
  constructor(config: ServerConfig, id: string = createServerId(config.random)) {
    this.#id = id;
    this.#config = config;
    this.#fields = Object.assign({}, ...config.modules.map(({ info }) => info));
  }

  /** INFO without the fields that are about one client. */
  get info(): CompleteInfo {
    return this.#build({}, this.#update);
  }

  /** Returns one for another listener: of the same server, or of another one with an id and a name of its own. */
  at(address: Pick<ServerConfig, "host" | "port">, isServer: boolean): InfoSender {
    const config = { ...this.#config, ...address };
    return isServer ? new InfoSender({ ...config, serverName: undefined }) : new InfoSender(config, this.#id);
  }

  /** Sends INFO to a peer in its present phase. */
  send(peer: Peer): void {
    peer.send({ op: "info", info: this.#build(peer, this.#update) });
    peer.infoRevision = this.#revision;
  }

  /** Sends INFO after the first PONG if the peer has missed a change. */
  sendAfterPong(peer: Peer): void {
    if (peer.phase !== "connected") return;
    // nats-server 2.12 and later send it in any case: it names the account.
    const isDue = this.#config.compat !== "2.9" || peer.infoRevision !== this.#revision;
    if (isDue && peer.protocol >= 1) this.send(peer);
    peer.advance("pong");
  }

  /**
   * Changes fields of INFO and sends it to the peers that are ready for it.
   *
   * @throws UsageError if INFO cannot carry the fields: nothing has changed then
   */
  change(update: InfoUpdate, peers: Iterable<Peer>): void {
    // The longest INFO that can follow.
    encode({ op: "info", info: this.#build(LONGEST_RECIPIENT, { ...this.#update, ...update, lameDuck: true }) });
    this.#update = { ...this.#update, ...update };
    this.#revision++;
    for (const peer of peers) {
      if (peer.info === this && peer.phase === "ready" && peer.protocol >= 1) this.send(peer);
    }
  }

  #build(
    { id, address, nonce, tls, phase, account }: Partial<Recipient>,
    { connectUrls, lameDuck }: InfoUpdate,
  ): CompleteInfo {
    const { compat, host, port, maxPayload, serverName, authRequired, authOptional } = this.#config;
    return {
      server_id: this.#id,
      server_name: serverName ?? this.#id,
      version: versions[compat],
      proto: 1,
      go: "natswire",
      host,
      port,
      headers: true,
      ...this.#fields,
      ...(authRequired && !authOptional ? { auth_required: true } : {}),
      ...(tls === undefined ? {} : { [tls.when === "available" ? "tls_available" : "tls_required"]: true }),
      ...(tls?.verify === true ? { tls_verify: true } : {}),
      max_payload: maxPayload,
      ...(id === undefined ? {} : { client_id: id }),
      ...(address === undefined ? {} : { client_ip: address }),
      ...(phase === "unauthenticated" ? { nonce } : {}),
      ...(connectUrls === undefined ? {} : { connect_urls: connectUrls }),
      ...(lameDuck === true ? { ldm: true } : {}),
      ...(phase === "connected" && compat !== "2.9" ? { connect_info: true, remote_account: account } : {}),
    };
  }
}

const LONGEST_RECIPIENT: Recipient = {
  id: Number.MAX_SAFE_INTEGER,
  // An IPv6 address with an IPv4 address in it, and a zone.
  address: "f".repeat(64),
  nonce: "A".repeat(15),
  tls: { when: "available", verify: true },
  phase: "unauthenticated",
  account: "",
};
