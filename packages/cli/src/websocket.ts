// SPDX-License-Identifier: Apache-2.0
import type { ClientTls, Connection, ConnectOptions } from "@natswire/node";
import { connect } from "@natswire/websocket";
import { WebSocket } from "ws";
import { readBytes } from "./messages/input.ts";

/**
 * Connects to the WebSocket port of a server.
 *
 * @param options of `tls`, files of certificates
 * @throws Failure if such a file cannot be read
 */
export function connectWebSocket({
  tls,
  handshakeFirst,
  servers = "",
  ...options
}: ConnectOptions): Promise<Connection> {
  const { caFile, certFile, keyFile }: ClientTls = typeof tls === "object" ? tls : {};
  const read = (file: string | undefined): Buffer | undefined => (file === undefined ? undefined : readBytes(file));
  const certificates = { ca: read(caFile), cert: read(certFile), key: read(keyFile) };
  return connect({ ...options, servers, factory: (url) => new WebSocket(url, certificates) });
}
