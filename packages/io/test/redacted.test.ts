// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { redacted } from "../src/adapter.ts";

it("redaction hides every field that is not known to be harmless", () => {
  const said = {
    user: "ann@example.org",
    pass: "s",
    PASS: "s",
    nkey: "U",
    later: [1],
    verbose: true,
    name: "nats://ann:s@far",
  };
  expect(redacted(said)).toEqual({
    user: "ann@example.org",
    pass: "***",
    PASS: "***",
    nkey: "***",
    later: "***",
    verbose: true,
    name: "nats://***@far",
  });
});
