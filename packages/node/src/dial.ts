// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { connect as connectTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { Dial, Endpoint, Transport } from "@natswire/io";
import { checkScheme } from "@natswire/io/adapter";
import { Slab } from "./slab.ts";
import { carry } from "./socket.ts";

/** Node's own options, `{ ca, cert, key }` first; or files of them. */
export interface ClientTls extends ConnectionOptions {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Dials a TCP port or a unix socket. */
export const dial: Dial = /* @__PURE__ */ dialWith();

/**
 * Dials a TCP port or a unix socket, with these certificates where the server speaks TLS.
 *
 * @throws the file system's error where one of the files cannot be read
 */
export function dialWith(tls: ClientTls = {}): Dial {
  const options = withFiles(tls);
  return (to, on) => {
    checkScheme(to);
    const secured = (socket: Socket | undefined): Socket => {
      const way = socket === undefined ? { port: to.port } : { socket };
      // An address has no name to ask for: the certificate is held against the host, or Node would take "localhost".
      return connectTls({ servername: nameOf(to), ...options, host: to.host, ...way });
    };
    const isFirst = to.scheme === "tls-first";
    const socket = isFirst ? secured(undefined) : plain(to);
    let transport: Transport | undefined;
    const open = carry(
      socket,
      (carried) => {
        transport = carried;
        return on;
      },
      {
        behind(raw, then, fail) {
          const secure = secured(raw);
          secure.once("error", fail);
          secure.once("secureConnect", () => {
            then(secure);
            on.secure?.();
          });
        },
      },
    );
    socket.once(isFirst ? "secureConnect" : "connect", open);
    return transport as Transport;
  };
}

function plain({ scheme, host, port, path }: Endpoint): Socket {
  const slab = new Slab();
  const onread = {
    buffer: () => slab.room(),
    callback(bytes: number) {
      socket.emit("data", slab.take(bytes));
      return true;
    },
  };
  const way = scheme === "unix" ? { path: path as string } : { host, port, noDelay: true };
  const socket = connectTcp({ ...way, onread });
  return socket;
}

/** A certificate's name; addresses have none that could be asked for. */
function nameOf({ serverName }: Endpoint): string {
  return /^[\d.]+$|:/.test(serverName) ? "" : serverName;
}

function withFiles(tls: ClientTls): ConnectionOptions {
  // What is given as undefined is not given.
  const given: ClientTls = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  const { caFile, certFile, keyFile, ...options } = given;
  return {
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
    ...options,
  };
}
