// SPDX-License-Identifier: Apache-2.0
import type { Connect, ConnectInfo } from "@natswire/codec";
import { withoutUserinfo } from "@natswire/session";

/** What is printed in place of a credential. */
export const REDACTED = "***";

/** Returns the options of CONNECT without passwords, tokens, keys, JWTs, signatures, and names and passwords in URLs. */
export function redacted(options: ConnectInfo): ConnectInfo {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      // A user may be an email address.
      !isOpen(name) ? REDACTED : typeof value === "string" && name !== "user" ? withoutUserinfo(value) : value,
    ]),
  );
}

/** Returns a frame without credentials: only CONNECT has some. */
export function redactedFrame<Frame extends { readonly op: string }>(frame: Frame | Connect): Frame | Connect {
  return isConnect(frame) ? { ...frame, options: redacted(frame.options) } : frame;
}

function isConnect(frame: { readonly op: string }): frame is Connect {
  return frame.op === "connect";
}

/** Servers read names in any case, and may know more fields: those that are not listed are hidden. */
function isOpen(name: string): boolean {
  return /^(verbose|pedantic|tls_required|echo|headers|no_responders|user|name|lang|version|protocol)$/.test(name);
}
