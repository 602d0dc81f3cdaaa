// SPDX-License-Identifier: Apache-2.0
import { type ProtocolErrorCode, serverErrorText } from "@natswire/codec";

// Of the codes that are not here the reference server says nothing before it closes.
const errorNames: Partial<Record<ProtocolErrorCode, string>> = {
  UNKNOWN_VERB: "UNKNOWN_OPERATION",
  BAD_TRAILER: "UNKNOWN_OPERATION",
  LINE_TOO_LONG: "LINE_TOO_LONG",
  PAYLOAD_TOO_LARGE: "PAYLOAD_TOO_LARGE",
};

/** What a client that broke the protocol is told, if anything. */
export function errorTextFor(code: ProtocolErrorCode): string | undefined {
  const text = errorNames[code];
  return text === undefined ? undefined : serverErrorText(text);
}
