// SPDX-License-Identifier: Apache-2.0
import { badValue } from "../bad-field.ts";

// A host name, an IPv4 address or an IPv6 address in brackets; a port.
const SHAPE = /^(\[[\da-f:.]+\]|[^\s:/@[\]]+)(?::(\d+))?$/i;

/**
 * Returns host and port of an address that INFO names: `host` or `host:port`. An IPv6 address keeps its brackets.
 *
 * @param name what the address is, for the error
 * @throws UsageError BAD_FIELD if it has another form, or its port is not one from 1 to 65535
 */
export function readAdvertised(name: string, given: unknown): readonly [host: string, port: number | undefined] {
  const text = typeof given === "string" ? given : "";
  const [, host, port] = SHAPE.exec(text) ?? [];
  const number = Number(port ?? 1);
  if (host !== undefined && number > 0 && number < 65_536) return [host, port === undefined ? undefined : number];
  // What is before an @ may be a password.
  throw badValue(name, "host or host:port, with a port from 1 to 65535", text.replace(/.*@/s, "***@") || given);
}
