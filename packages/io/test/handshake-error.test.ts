// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { HandshakeError } from "../src/server/handshake-error.ts";

describe("a HandshakeError", () => {
  const gone = "the client has gone, or a certificate is not trusted";

  it.each([
    [undefined, gone],
    [{ code: "ECONNRESET", message: "socket hang up" }, gone],
    [{ reason: "tlsv1 alert unknown ca", message: "error:0A000418:…" }, "the client does not trust the certificate"],
    [{ reason: "ssl/tls alert bad certificate" }, "the client does not trust the certificate"],
    [{ reason: "sslv3 alert certificate expired" }, "the client does not trust the certificate"],
    [{ reason: "tlsv1 alert protocol version" }, "tlsv1 alert protocol version"],
    [{ reason: "http request" }, "the client does not use TLS"],
    [{ reason: "https proxy request" }, "the client does not use TLS"],
    [{ reason: "wrong version number" }, "the client does not use TLS"],
    [{ reason: "no shared cipher", message: "error:0A0000C1:…" }, "no shared cipher"],
    [{ message: "received corrupt message" }, "received corrupt message"],
  ])("says in plain words why, and has the cause: %j", (cause, text) => {
    const error = new HandshakeError(cause);
    expect(error).toMatchObject({ name: "HandshakeError", message: `TLS handshake failed: ${text}` });
    expect(error.cause).toBe(cause);
  });
});
