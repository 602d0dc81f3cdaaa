// SPDX-License-Identifier: Apache-2.0
import type { IncomingHttpHeaders } from "node:http";
import { UsageError } from "@natswire/io";

/**
 * Returns the origins as browsers send them: without a path or a default port, in lower case.
 *
 * @throws UsageError BAD_FIELD if one is not an origin
 */
export function readOrigins(given: readonly string[]): ReadonlySet<string> {
  if (!Array.isArray(given))
    throw new UsageError("BAD_FIELD", 'allowedOrigins must be an array of origins; write ["https://app.example"]');
  return new Set(
    given.map((text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
      throw new UsageError("BAD_FIELD", `allowedOrigins: "${text}" is not an origin; write "https://app.example"`);
    }),
  );
}

/** Returns the HTTP status that refuses a request for a WebSocket; `undefined` if it is accepted. */
export function refusalOf(
  { host, origin }: IncomingHttpHeaders,
  origins: ReadonlySet<string> | undefined,
): number | undefined {
  if (host === undefined) return 400;
  return origins === undefined || origin === undefined || origins.has(origin.toLowerCase()) ? undefined : 403;
}
