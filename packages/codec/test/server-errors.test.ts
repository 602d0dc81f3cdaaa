// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import {
  encode,
  Scanner,
  type ServerErrorCode,
  serverError,
  serverErrors,
  serverErrorText,
  serverFrames,
  UsageError,
} from "../src/index.ts";

it("serverErrors have a text for each code and a code for each text", () => {
  for (const error of serverErrors) {
    expect(serverErrorText(error.code)).toBe(error.text);
    expect(serverError(error.text)).toEqual(error);
  }
});

it("serverError compares the beginning, without regard to case", () => {
  expect(serverError("STALE CONNECTION")?.code).toBe("STALE");
  expect(serverError('Permissions Violation for Publish to "x"')).toMatchObject({
    code: "PUBLISH_PERMISSION",
    survives: true,
  });
  expect(serverError("authorization violation, really")?.survives).toBe(false);
  expect(serverError("something new")).toBeUndefined();
});

it("serverErrorText quotes a subject like Go", () => {
  expect(serverErrorText("PUBLISH_PERMISSION", 'a"b\\\r\n\t\x01é')).toBe(
    'Permissions Violation for Publish to "a\\"b\\\\\\r\\n\\t\\x01é"',
  );
  expect(serverErrorText("SUBSCRIBE_PERMISSION", "foo", "q")).toBe(
    'Permissions Violation for Subscription to "foo" using queue "q"',
  );
  expect(serverErrorText("STALE", "ignored")).toBe("Stale Connection");
});

it("serverErrorText rejects an unknown code", () => {
  for (const code of ["PUB_DENIED", "toString"] as unknown[] as ServerErrorCode[]) {
    expect(() => serverErrorText(code)).toThrow(`unknown code "${code}": see serverErrors`);
    expect(() => serverErrorText(code)).toThrow(UsageError);
  }
});

it("serverError takes the text of a Scanner, which has quotes", () => {
  const scanner = new Scanner(serverFrames);
  scanner.push(encode({ op: "err", text: "Stale Connection" }));
  scanner.next();
  expect(scanner.text()).toBe("'Stale Connection'");
  expect(serverError(scanner.text())?.code).toBe("STALE");
});

it("serverErrorText quotes a byte that is not UTF-8", () => {
  expect(serverErrorText("SUBSCRIBE_PERMISSION", "a\udcff", "\udc80\u{1f600}")).toBe(
    'Permissions Violation for Subscription to "a\\xff" using queue "\\x80\u{1f600}"',
  );
});

it("serverErrors are spelled, and end the connection, as in nats-server", () => {
  const told = serverErrors.map(({ code, text, survives }) => `  ${code}: ${text}${survives ? " (lives)" : ""}`);
  expect(`\n${told.join("\n")}\n`).toBe(`
  UNKNOWN_OPERATION: Unknown Protocol Operation
  LINE_TOO_LONG: maximum control line exceeded
  PAYLOAD_TOO_LARGE: Maximum Payload Violation
  INVALID_PUBLISH_SUBJECT: Invalid Publish Subject (lives)
  INVALID_SUBJECT: Invalid Subject (lives)
  PUBLISH_PERMISSION: Permissions Violation for Publish to (lives)
  REPLY_PERMISSION: Permissions Violation for Publish with Reply of (lives)
  SUBSCRIBE_PERMISSION: Permissions Violation for Subscription to (lives)
  TOO_MANY_SUBSCRIPTIONS: maximum subscriptions exceeded (lives)
  TOO_MANY_CONNECTIONS: maximum connections exceeded
  TOO_MANY_ACCOUNT_CONNECTIONS: maximum account active connections exceeded
  AUTHORIZATION: Authorization Violation
  AUTHENTICATION_TIMEOUT: Authentication Timeout
  USER_EXPIRED: User Authentication Expired
  ACCOUNT_EXPIRED: Account Authentication Expired
  USER_REVOKED: User Authentication Revoked
  CLIENT_PROTOCOL: invalid client protocol
  NO_RESPONDERS_WITHOUT_HEADERS: no responders requires headers support
  ACCOUNT_REGISTRATION: Failed Account Registration (lives)
  STALE: Stale Connection
  TLS_REQUIRED: Secure Connection - TLS Required
  THROTTLED: Connection throttling is active. Please try again later.
  ROUTE_PORT: attempted to connect to route port
  LEAF_NODE_PORT: attempted to connect to leaf node port
  GATEWAY_PORT: attempted to connect to gateway port
`);
});

it("serverErrorText ignores the subject if the error names none", () => {
  expect(serverErrorText("STALE", "a", "b")).toBe("Stale Connection");
  expect(serverErrorText("TOO_MANY_CONNECTIONS", "a")).toBe("maximum connections exceeded");
  expect(serverErrorText("PUBLISH_PERMISSION")).toBe("Permissions Violation for Publish to");
});
