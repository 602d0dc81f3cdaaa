// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate and its key, as text and as files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A new certificate authority and the certificates it signed. */
export interface Certificates {
  readonly ca: Certificate;
  /** For 127.0.0.1 and localhost. */
  readonly server: Certificate;
  readonly client: Certificate;
  /** Creates one for a host name. */
  for(host: string): Certificate;
  /** Creates another one for a server or a client, as if the old one expires soon. */
  renewed(name: "server" | "client"): Certificate;
  remove(): void;
}

/**
 * Creates certificates that are valid for two days.
 *
 * @throws Error if openssl is missing, with the command that installs it
 */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "natswire-certificates-"));
  const make = (name: string, ...more: readonly string[]): Certificate => {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
    openssl(["req", "-x509", "-days", "2", "-subj", `/CN=${name}`, ...key, "-out", certFile, ...more]);
    return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8"), certFile, keyFile };
  };
  const ca = make("authority");
  const signed = ["-CA", ca.certFile, "-CAkey", ca.keyFile, "-addext", "basicConstraints=critical,CA:FALSE"];
  const extensions = { server: "subjectAltName=DNS:localhost,IP:127.0.0.1", client: "extendedKeyUsage=clientAuth" };
  let last = 0;
  return {
    ca,
    server: make("server", ...signed, "-addext", extensions.server),
    for: (host) => make(host, ...signed, "-addext", `subjectAltName=DNS:${host}`),
    client: make("client", ...signed, "-addext", extensions.client),
    renewed: (name) => make(`${name}-${++last}`, ...signed, "-addext", extensions[name]),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function openssl(args: readonly string[]): void {
  try {
    execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error("openssl is missing: apt-get install openssl");
  }
}
