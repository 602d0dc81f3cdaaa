// SPDX-License-Identifier: Apache-2.0
import type { Transport, TransportHandler } from "../transport/transport.ts";

// Also what Node reports if a side ends the connection because it does not trust a certificate.
const GONE = { code: "ECONNRESET", message: "the client has gone, or a certificate is not trusted" };

/** A TLS handshake of a client that failed; `cause` is the error of the runtime, if there is one. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";

  constructor(cause: unknown) {
    const { code, reason, message = "" } = (cause ?? GONE) as Partial<Record<"code" | "reason" | "message", string>>;
    // OpenSSL's reason is shorter than its message.
    const text = code === GONE.code ? GONE.message : (reason ?? message);
    const problem = /alert.*(ca|cert)/.test(text)
      ? "the client does not trust the certificate"
      : /(http|proxy) request|version number/.test(text)
        ? "the client does not use TLS"
        : text;
    super(`TLS handshake failed: ${problem}`, { cause });
  }
}

const CLOSED: Transport = { write: () => true, pause() {}, resume() {}, close() {}, abort() {} };

/** Reports a client whose handshake failed before its connection was opened. */
export function reportHandshake(accept: (transport: Transport) => TransportHandler, cause: unknown): void {
  accept(CLOSED).close(new HandshakeError(cause));
}
