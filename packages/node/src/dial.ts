// SPDX-License-Identifier: Apache-2.0
import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Dial, Endpoint } from "@natswire/io";
import { checkScheme } from "@natswire/io/adapter";
import { Slab } from "./slab.ts";
import { createTransport, type Upgrade } from "./socket.ts";
import { checkClientTls } from "./tls-options.ts";

/** TLS options of Node, first of all `ca`, `cert` and `key`; or files of them, which are read for each connection. */
export interface ClientTls extends ConnectionOptions {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Dials a TCP port or a unix socket, with the certificates of the machine for TLS. */
export const dial: Dial = /* @__PURE__ */ dialWith();

/**
 * Returns a `Dial` for TCP ports and unix sockets, with these certificates for TLS. If a file of them cannot be read, the
 * attempt fails.
 *
 * @throws UsageError BAD_FIELD if an option is unknown
 */
export function dialWith(tls: ClientTls = {}): Dial {
  checkClientTls(tls);
  const dial: Dial = (to, on) => {
    const options = withFiles(tls);
    const connectSecure = (socket: Socket | undefined): Socket => {
      // Node verifies `servername`; without it the host, and without both "localhost".
      const target =
        socket === undefined ? { host: to.address ?? to.host, port: to.port } : { host: to.serverName, socket };
      return connectTls({ servername: nameOf(to), ...options, ...target });
    };
    const upgrade: Upgrade = {
      start(plain, then, fail) {
        const secure = connectSecure(plain);
        secure.once("error", fail);
        secure.once("secureConnect", () => then(secure));
      },
    };
    const isFirst = to.scheme === "tls-first";
    const socket = isFirst ? connectSecure(undefined) : connectPlain(to, (chunk) => created.onData(chunk));
    const created = createTransport(socket, () => on, { upgrade, hasOnread: !isFirst });
    socket.once(isFirst ? "secureConnect" : "connect", created.open);
    return created.transport;
  };
  return Object.assign(dial, { check, resolve });
}

function check(to: Endpoint): void {
  checkScheme(to, "@natswire/node");
}

async function resolve(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/** Connects a socket that reads into slabs, and passes what it reads to `onData` in place of "data" events. */
function connectPlain(
  { scheme, host, address = host, port, path }: Endpoint,
  onData: (chunk: Uint8Array) => void,
): Socket {
  const slab = new Slab();
  const onread = {
    buffer: () => slab.room(),
    callback(bytes: number) {
      onData(slab.take(bytes));
      return true;
    },
  };
  const target = scheme === "unix" ? { path: path as string } : { host: address, port, noDelay: true };
  return connectTcp({ ...target, onread });
}

/** Returns the name for SNI, which addresses do not have. */
function nameOf({ serverName }: Endpoint): string {
  return /^[\d.]+$|:/.test(serverName) ? "" : serverName;
}

function withFiles(tls: ClientTls): ConnectionOptions {
  // `undefined` means the default.
  const given: ClientTls = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const { caFile, certFile, keyFile, ...options } = given;
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    ...options,
  };
}
