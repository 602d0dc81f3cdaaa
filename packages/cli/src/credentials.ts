// SPDX-License-Identifier: Apache-2.0
import type { ConnectOptions } from "@natswire/codec";

/** What stands in the place of a credential. */
export const HIDDEN = "***";

// All that CONNECT says and nobody has to hide. Servers read names in any case, and may know fields of tomorrow: what is
// not listed is hidden.
const open = new Set(
  "verbose pedantic tls_required echo headers no_responders user name lang version protocol".split(" "),
);

/** What CONNECT says, without passwords, tokens, keys, JWTs and signatures. */
export function redacted(options: ConnectOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      !open.has(name) ? HIDDEN : typeof value === "string" ? withoutUserinfo(value) : value,
    ]),
  );
}

/** What a client says, for people: a CONNECT without credentials, anything else as it is. */
export function withoutCredentials(says: string): string {
  const [, verb, json = ""] = /^(connect\s)(.*)$/is.exec(says) ?? [];
  if (verb === undefined) return says;
  try {
    return `${verb}${JSON.stringify(redacted(JSON.parse(json)))}`;
  } catch {
    return `${verb}${HIDDEN}`;
  }
}

/** URLs of a text without name, password and token. */
export function withoutUserinfo(text: string): string {
  return text.replace(/\/\/[^/\s]*@/g, `//${HIDDEN}@`);
}
