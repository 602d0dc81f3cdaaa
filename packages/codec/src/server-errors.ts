// SPDX-License-Identifier: Apache-2.0

/** One `-ERR` a server sends to a client. */
export interface ServerError {
  readonly code: string;
  /** As the reference server spells it; of the ones that name a subject, how they begin. */
  readonly text: string;
  /** Whether the connection lives on. */
  readonly survives: boolean;
}

const table: readonly (readonly [code: string, text: string, survives: boolean])[] = [
  ["UNKNOWN_OPERATION", "Unknown Protocol Operation", false],
  ["LINE_TOO_LONG", "maximum control line exceeded", false],
  ["PAYLOAD_TOO_LARGE", "Maximum Payload Violation", false],
  ["INVALID_PUBLISH_SUBJECT", "Invalid Publish Subject", true],
  ["INVALID_SUBJECT", "Invalid Subject", true],
  ["PUBLISH_PERMISSION", "Permissions Violation for Publish to", true],
  ["REPLY_PERMISSION", "Permissions Violation for Publish with Reply of", true],
  ["SUBSCRIBE_PERMISSION", "Permissions Violation for Subscription to", true],
  ["TOO_MANY_SUBSCRIPTIONS", "maximum subscriptions exceeded", true],
  ["TOO_MANY_CONNECTIONS", "maximum connections exceeded", false],
  ["TOO_MANY_ACCOUNT_CONNECTIONS", "maximum account active connections exceeded", false],
  ["AUTHORIZATION", "Authorization Violation", false],
  ["AUTHENTICATION_TIMEOUT", "Authentication Timeout", false],
  ["USER_EXPIRED", "User Authentication Expired", false],
  ["ACCOUNT_EXPIRED", "Account Authentication Expired", false],
  ["USER_REVOKED", "User Authentication Revoked", false],
  ["CLIENT_PROTOCOL", "invalid client protocol", false],
  ["NO_RESPONDERS_WITHOUT_HEADERS", "no responders requires headers support", false],
  ["ACCOUNT_REGISTRATION", "Failed Account Registration", true],
  ["STALE", "Stale Connection", false],
  ["TLS_REQUIRED", "Secure Connection - TLS Required", false],
  ["THROTTLED", "Connection throttling is active. Please try again later.", false],
  ["ROUTE_PORT", "attempted to connect to route port", false],
  ["LEAF_NODE_PORT", "attempted to connect to leaf node port", false],
  ["GATEWAY_PORT", "attempted to connect to gateway port", false],
];

/** Every `-ERR` a server sends to a client, with what becomes of the connection. */
export const serverErrors: readonly ServerError[] = /* @__PURE__ */ table.map(([code, text, survives]) => ({
  code,
  text,
  survives,
}));

/**
 * What an `-ERR` text means; `undefined` for one that no known server sends.
 *
 * Compared by prefix and without regard to case: servers and documents disagree about capitals.
 */
export function serverError(text: string): ServerError | undefined {
  const lower = text.toLowerCase();
  return serverErrors.find((error) => lower.startsWith(error.text.toLowerCase()));
}

/** The text a server sends for a code; of those that name a subject, `subject` and `queue` quoted as it quotes them. */
export function serverErrorText(code: string, subject?: string, queue?: string): string | undefined {
  const text = serverErrors.find((error) => error.code === code)?.text;
  if (text === undefined || !/(to|of)$/.test(text) || subject === undefined) return text;
  return `${text} ${goQuote(subject)}${queue === undefined ? "" : ` using queue ${goQuote(queue)}`}`;
}

/** A string as Go's %q prints it, without which a subject could end the error line. */
function goQuote(text: string): string {
  const named: Record<string, string> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is quoted
  const quoted = text.replace(/["\\\x00-\x1f\x7f]|\p{Surrogate}/gu, (c) => {
    // A byte of a token that is no UTF-8 stands in it as U+DC00 and the byte.
    return named[c] ?? `\\x${(c.charCodeAt(0) & 0xff).toString(16).padStart(2, "0")}`;
  });
  return `"${quoted}"`;
}
