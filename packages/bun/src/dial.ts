// SPDX-License-Identifier: Apache-2.0
import type { Dial, Endpoint } from "@natswire/io";
import { checkScheme, type Pem, readPem } from "@natswire/io/adapter";
import { native, textOf } from "./native.ts";
import { carry } from "./socket.ts";

/** Certificates as PEM text, or files of them. */
export type ClientTls = Pem;

/**
 * Dials a TCP port or a unix socket. Bun cannot give up a socket that nobody answers: one that was given up ends by
 * itself when the machine's own time for that is over, two minutes on Linux, and keeps the process until then.
 */
export const dial: Dial = /* @__PURE__ */ dialWith();

/**
 * Dials a TCP port or a unix socket, with these certificates where the server speaks TLS.
 *
 * @throws the file system's error where one of the files cannot be read
 */
export function dialWith(tls: ClientTls = {}): Dial {
  const certificates = readPem(tls, textOf);
  return (to, on) => {
    checkScheme(to);
    const upgrade = {
      tls: { ...certificates, serverName: nameOf(to), rejectUnauthorized: true },
      isStrict: true,
      isFirst: to.scheme === "tls-first",
    };
    const [transport, socket, fail] = carry(() => on, upgrade);
    const way = to.scheme === "unix" ? { unix: to.path as string } : { hostname: to.host, port: to.port };
    native()
      .connect({ ...way, socket })
      .catch(fail);
    return transport;
  };
}

/** Whose certificate it must be: an address has no name that could be asked for. */
function nameOf({ serverName, host }: Endpoint): string {
  return /^[\d.]+$|:/.test(serverName) ? host : serverName;
}
