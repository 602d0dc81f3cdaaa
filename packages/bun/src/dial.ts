// SPDX-License-Identifier: Apache-2.0
import type { Dial, Endpoint } from "@natswire/runtime";
import { native, type Tls, textOf } from "./native.ts";
import { carry } from "./socket.ts";

/** Certificates as PEM text, or files of them. */
export interface ClientTls {
  /** Authorities that vouch for the server's. */
  readonly ca?: string | readonly string[] | undefined;
  /** The client's own certificate. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

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
  const certificates = withFiles(tls);
  return (to, on) => {
    if (to.path !== undefined && to.scheme !== "unix") throw new Error(`${to.scheme}:// is not spoken by this dial`);
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

function withFiles({ caFile, certFile, keyFile, ca, cert, key }: ClientTls): Tls {
  const read = (file: string | undefined): string | undefined => file && textOf(file);
  return {
    ca: typeof ca === "object" ? [...ca] : (ca ?? read(caFile)),
    cert: cert ?? read(certFile),
    key: key ?? read(keyFile),
  };
}
