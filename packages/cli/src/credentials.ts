// SPDX-License-Identifier: Apache-2.0
import { REDACTED, redacted } from "@natswire/io/adapter";

/** What a client says, for people: a CONNECT without credentials, anything else as it is. */
export function withoutCredentials(says: string): string {
  const [, verb, json = ""] = /^(connect\s)(.*)$/is.exec(says) ?? [];
  if (verb === undefined) return says;
  try {
    return `${verb}${JSON.stringify(redacted(JSON.parse(json)))}`;
  } catch {
    return `${verb}${REDACTED}`;
  }
}

/** A message that may quote arguments: of each is hidden what stands in front of its last `@`, which may be a password. */
export function withoutUrlCredentials(text: string, args: readonly string[]): string {
  const values = args.map((arg) => arg.replace(/^--[\w-]+=/, "")).filter((value) => value.includes("@"));
  return values.reduce(
    (shown, value) => shown.replaceAll(value, () => `${REDACTED}${value.slice(value.lastIndexOf("@"))}`),
    text,
  );
}
