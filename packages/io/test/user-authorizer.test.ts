// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { userAuthorizer } from "../src/index.ts";

describe("userAuthorizer", () => {
  it.each(["a", "b", "x", "y"])("compares passwords with a bcrypt hash of the version 2%s", async (version) => {
    const password = `$2${version}$04$QbbzLfTF22oD9VWaQDXn7.o8pXu4O7U4zENIUAQWCCTrCNk06fmme`;
    const authorize = userAuthorizer([{ user: "ann", password }]);
    const accepts = async (pass: string): Promise<boolean> =>
      (await authorize({ user: "ann", pass }, "", { listener: "" })) !== undefined;
    expect([await accepts("s3cret"), await accepts("guess"), await accepts(password)]).toEqual([true, false, false]);
  });
});
