// SPDX-License-Identifier: Apache-2.0
import { type ProtocolErrorCode, type ServerErrorCode, serverErrorText } from "@natswire/codec";

// For every other code nats-server closes without -ERR.
const errorNames: Partial<Record<ProtocolErrorCode, ServerErrorCode>> = {
  UNKNOWN_VERB: "UNKNOWN_OPERATION",
  BAD_TRAILER: "UNKNOWN_OPERATION",
  LINE_TOO_LONG: "LINE_TOO_LONG",
  PAYLOAD_TOO_LARGE: "PAYLOAD_TOO_LARGE",
};

/** Returns the text of -ERR for a client that violated the protocol, or `undefined` if nats-server sends none. */
export function errorTextFor(code: ProtocolErrorCode): string | undefined {
  const name = errorNames[code];
  return name === undefined ? undefined : serverErrorText(name);
}
