// SPDX-License-Identifier: Apache-2.0

/** Certificates as PEM text, or files of them; a text wins over its file. */
export interface Pem {
  /** Authorities that sign the server's certificate. */
  readonly ca?: string | readonly string[] | undefined;
  /** The client's own certificate. */
  readonly cert?: string | undefined;
  /** The key of `cert`. */
  readonly key?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Every option of `Pem`. */
export const pemOptions: readonly (keyof Pem)[] = ["ca", "cert", "key", "caFile", "certFile", "keyFile"];

/** Returns the texts of certificates, with files read; `ca` as a list. */
export function readPem({ ca, cert, key, caFile, certFile, keyFile }: Pem, read: (file: string) => string): PemTexts {
  const authorities = ca ?? (caFile && read(caFile));
  return {
    ca: typeof authorities === "string" ? [authorities] : authorities && [...authorities],
    cert: cert ?? (certFile && read(certFile)),
    key: key ?? (keyFile && read(keyFile)),
  };
}

/** Certificates as PEM text. */
export interface PemTexts {
  readonly ca: string[] | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}
