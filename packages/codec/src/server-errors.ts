// SPDX-License-Identifier: Apache-2.0
import { formatValue, UsageError } from "./errors.ts";
import { unquoted } from "./text.ts";

// Each code, the text as nats-server spells it, and whether the connection stays open.
const table = {
  UNKNOWN_OPERATION: ["Unknown Protocol Operation", false],
  LINE_TOO_LONG: ["maximum control line exceeded", false],
  PAYLOAD_TOO_LARGE: ["Maximum Payload Violation", false],
  INVALID_PUBLISH_SUBJECT: ["Invalid Publish Subject", true],
  INVALID_SUBJECT: ["Invalid Subject", true],
  PUBLISH_PERMISSION: ["Permissions Violation for Publish to", true],
  REPLY_PERMISSION: ["Permissions Violation for Publish with Reply of", true],
  SUBSCRIBE_PERMISSION: ["Permissions Violation for Subscription to", true],
  TOO_MANY_SUBSCRIPTIONS: ["maximum subscriptions exceeded", true],
  TOO_MANY_CONNECTIONS: ["maximum connections exceeded", false],
  TOO_MANY_ACCOUNT_CONNECTIONS: ["maximum account active connections exceeded", false],
  AUTHORIZATION: ["Authorization Violation", false],
  AUTHENTICATION_TIMEOUT: ["Authentication Timeout", false],
  USER_EXPIRED: ["User Authentication Expired", false],
  ACCOUNT_EXPIRED: ["Account Authentication Expired", false],
  USER_REVOKED: ["User Authentication Revoked", false],
  CLIENT_PROTOCOL: ["invalid client protocol", false],
  NO_RESPONDERS_WITHOUT_HEADERS: ["no responders requires headers support", false],
  ACCOUNT_REGISTRATION: ["Failed Account Registration", true],
  STALE: ["Stale Connection", false],
  TLS_REQUIRED: ["Secure Connection - TLS Required", false],
  THROTTLED: ["Connection throttling is active. Please try again later.", false],
  ROUTE_PORT: ["attempted to connect to route port", false],
  LEAF_NODE_PORT: ["attempted to connect to leaf node port", false],
  GATEWAY_PORT: ["attempted to connect to gateway port", false],
} as const;

/** The name of an error that a server sends as `-ERR`. */
export type ServerErrorCode = keyof typeof table;

/** An error that a server sends as `-ERR`. */
export interface ServerError {
  /** The name of the error, as `serverErrorText` takes it. */
  readonly code: ServerErrorCode;
  /** The text as nats-server spells it, or how the text begins if it names a subject. */
  readonly text: string;
  /** Whether the connection stays open after it. */
  readonly survives: boolean;
}

/** All errors that nats-server sends to a client, and whether the connection stays open. */
export const serverErrors: readonly ServerError[] = /* @__PURE__ */ Object.entries(table).map(
  ([code, [text, survives]]) => ({ code: code as ServerErrorCode, text, survives }),
);

/**
 * Returns the error that an `-ERR` text reports, or `undefined` if no known server sends it.
 *
 * The text is compared by its beginning and without regard to case: servers and documentation differ in capitals.
 *
 * @param text `text` of an `Err`, or `Scanner.text()`, which has quotes around it
 */
export function serverError(text: string): ServerError | undefined {
  const lower = unquoted(text).toLowerCase();
  return serverErrors.find((error) => lower.startsWith(error.text.toLowerCase()));
}

/**
 * Returns the text that a server sends for an error.
 *
 * @param code the `code` of a `ServerError`
 * @param subject the subject to name, for the errors that name one; it is quoted like nats-server does
 * @param queue the queue group to name after the subject
 * @throws UsageError BAD_FIELD if the code is not one of `serverErrors`
 */
export function serverErrorText(code: ServerErrorCode, subject?: string, queue?: string): string {
  const text = serverErrors.find((error) => error.code === code)?.text;
  if (text === undefined) throw new UsageError("BAD_FIELD", `unknown code ${formatValue(code)}: see serverErrors`);
  if (!/(to|of)$/.test(text) || subject === undefined) return text;
  return `${text} ${goQuote(subject)}${queue === undefined ? "" : ` using queue ${goQuote(queue)}`}`;
}

/** Quotes a string as Go's %q does. Unquoted, a subject could end the error line. */
function goQuote(text: string): string {
  const named: Record<string, string> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are quoted
  const quoted = text.replace(/["\\\x00-\x1f\x7f]|\p{Surrogate}/gu, (c) => {
    // A byte of a token that is not UTF-8 is U+DC00 + byte.
    return named[c] ?? `\\x${(c.charCodeAt(0) & 0xff).toString(16).padStart(2, "0")}`;
  });
  return `"${quoted}"`;
}
