// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo } from "@natswire/codec";
import { withoutUserinfo } from "@natswire/session";

/** What stands in the place of a credential. */
export const REDACTED = "***";

/** What CONNECT says, without passwords, tokens, keys, JWTs and signatures, nor the name and password in a URL. */
export function redacted(options: ConnectInfo): ConnectInfo {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      // A user may be an address of mail.
      !isOpen(name) ? REDACTED : typeof value === "string" && name !== "user" ? withoutUserinfo(value) : value,
    ]),
  );
}

/** Servers read names in any case, and may know fields of tomorrow: what is not among these is hidden. */
function isOpen(name: string): boolean {
  return /^(verbose|pedantic|tls_required|echo|headers|no_responders|user|name|lang|version|protocol)$/.test(name);
}
