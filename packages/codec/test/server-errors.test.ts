// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { serverError, serverErrors, serverErrorText } from "../src/index.ts";

it("every text is found again by its code, and every code by its text", () => {
  for (const error of serverErrors) {
    expect(serverErrorText(error.code)).toBe(error.text);
    expect(serverError(error.text)).toEqual(error);
  }
});

it("texts are compared by prefix and without regard to case", () => {
  expect(serverError("STALE CONNECTION")?.code).toBe("STALE");
  expect(serverError('Permissions Violation for Publish to "x"')).toMatchObject({
    code: "PUBLISH_PERMISSION",
    survives: true,
  });
  expect(serverError("authorization violation, really")?.survives).toBe(false);
  expect(serverError("something new")).toBeUndefined();
});

it("texts that name a subject quote it as Go does", () => {
  expect(serverErrorText("PUBLISH_PERMISSION", 'a"b\\\r\n\t\x01é')).toBe(
    'Permissions Violation for Publish to "a\\"b\\\\\\r\\n\\t\\x01é"',
  );
  expect(serverErrorText("SUBSCRIBE_PERMISSION", "foo", "q")).toBe(
    'Permissions Violation for Subscription to "foo" using queue "q"',
  );
  expect(serverErrorText("STALE", "ignored")).toBe("Stale Connection");
  expect(serverErrorText("NO_SUCH_CODE")).toBeUndefined();
});

it("a byte that is no UTF-8 is quoted as such", () => {
  expect(serverErrorText("SUBSCRIBE_PERMISSION", "a\udcff", "\udc80\u{1f600}")).toBe(
    'Permissions Violation for Subscription to "a\\xff" using queue "\\x80\u{1f600}"',
  );
});
