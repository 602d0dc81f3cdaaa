// SPDX-License-Identifier: Apache-2.0
import { HIDDEN, redacted } from "@natswire/runtime";

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
