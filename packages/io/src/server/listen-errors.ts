// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import type { ListenAddress } from "../transport/transport.ts";

const HOST = ["unknown host", "write an IP address"];
// What a code of the system means, and what to do.
const reasons: Readonly<Record<string, readonly string[]>> = {
  EADDRINUSE: ["the port is in use", "choose another one, or 0 for a free port"],
  EACCES: ["permission denied", "choose a port above 1023"],
  EADDRNOTAVAIL: ["this machine does not have the address", "listen on 127.0.0.1, or 0.0.0.0 for all addresses"],
  ENOTFOUND: HOST,
  EAI_AGAIN: HOST,
};

/** Returns the error for an address that cannot be listened on: with the `code` of the runtime's error, which is its `cause`. */
export function listenError(cause: unknown, { host, port }: ListenAddress): Error {
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  const [what, advice] = reasons[code ?? ""] ?? [];
  const reason = what === undefined ? message : `${what} (${code}): ${advice}`;
  return Object.assign(new Error(`cannot listen on ${host}:${port}: ${reason}`, { cause }), { code });
}

/** Options of a certificate, as a runtime takes them. */
export interface Certificates {
  readonly cert?: unknown;
  readonly key?: unknown;
  readonly ca?: unknown;
  readonly passphrase?: unknown;
}

// What each of them must be.
const forms = {
  cert: "a certificate in PEM",
  key: "a private key in PEM, not encrypted or with its passphrase",
  ca: "certificates in PEM",
} as const;

/**
 * Returns the error for certificates that a runtime refuses. It names the one that is wrong; `cause` is the runtime's error.
 *
 * @param load loads some of them, and throws if it cannot
 * @param names what each is called; by default the name of its option
 */
export function certificateError(
  cause: unknown,
  { cert, key, ca, passphrase }: Certificates,
  // biome-ignore lint/suspicious/noExplicitAny: each runtime has types of its own
  load: (some: any) => unknown,
  names: Readonly<Record<keyof typeof forms, string>> = { cert: "tls.cert", key: "tls.key", ca: "tls.ca" },
): UsageError {
  const isWrong = (some: Certificates): boolean => {
    try {
      load(some);
      return false;
    } catch {
      return true;
    }
  };
  const wrong = isWrong({ cert }) ? "cert" : isWrong({ key, passphrase }) ? "key" : isWrong({ ca }) ? "ca" : undefined;
  const { code, message } = cause as { readonly code?: unknown; readonly message: string };
  const problem =
    wrong !== undefined
      ? `${names[wrong]} must be ${forms[wrong]}`
      : code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH"
        ? `${names.key} must be the key of ${names.cert}`
        : "the options of tls are not valid";
  return Object.assign(new UsageError("BAD_FIELD", `${problem}: ${message}`), { cause });
}
