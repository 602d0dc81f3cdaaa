// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { origin } from "../../../../tools/testkit/origin.ts";
import { type Authorizer, anyAuthorizer, tokenAuthorizer, userAuthorizer } from "../../src/index.ts";

describe("an authorizer", () => {
  it.each([
    [{ auth_token: "secret" }, true],
    [{ auth_token: "secre" }, false],
    [{ auth_token: "secrets" }, false],
    [{ auth_token: "secretsecret" }, false],
    [{ auth_token: "Secret" }, false],
    [{ auth_token: "" }, false],
    [{}, false],
    [{ user: "secret" }, false],
  ])("accepts the exact token only: %j %s", (options, expected) => {
    expect(tokenAuthorizer("secret")(options, "", origin) !== undefined).toBe(expected);
  });

  it.each([
    [{ user: "a", pass: "1" }, "first"],
    [{ user: "b", pass: "2" }, "second"],
    [{ user: "a", pass: "2" }, undefined],
    [{ user: "a" }, undefined],
    [{ pass: "1" }, undefined],
    [{ user: "c", pass: "\0" }, undefined],
    [{ user: "a", pass: "3" }, undefined],
  ])("accepts a user by name and password: %j", (options, expected) => {
    const known = [
      { user: "a", password: "1", permissions: { publish: { allow: ["first"] } } },
      { user: "b", password: "2", permissions: { publish: { allow: ["second"] } } },
      { user: "a", password: "3", permissions: { publish: { allow: ["third"] } } },
    ];
    const grant = userAuthorizer(known)(options, "", origin) as (typeof known)[0] | undefined;
    expect(grant?.permissions.publish.allow[0]).toBe(expected);
  });

  it("accepts a client that one of several accepts, in their order", async () => {
    const calls: string[] = [];
    const answering =
      (name: string, account: string | undefined): Authorizer =>
      (_, nonce) => {
        calls.push(`${name} ${nonce}`);
        return account === undefined ? undefined : { account };
      };
    const authorize = anyAuthorizer(answering("a", undefined), answering("b", "B"), answering("c", "C"));
    expect(await authorize({}, "nonce", origin)).toEqual({ account: "B" });
    expect(calls).toEqual(["a nonce", "b nonce"]);
    expect(await anyAuthorizer(answering("a", undefined))({}, "", origin)).toBeUndefined();
  });

  it("denies a client if one of several throws before another accepts", async () => {
    const failing: Authorizer = () => Promise.reject(new Error("no database"));
    await expect(anyAuthorizer(failing, () => ({}))({}, "", origin)).rejects.toThrow("no database");
  });

  it("throws if a permission is not a valid subject or pattern", () => {
    const permissions = { subscribe: { deny: ["a..b"] } };
    expect(() => tokenAuthorizer("t", { permissions })).toThrow(expect.objectContaining({ code: "BAD_SUBJECT" }));
    expect(() => userAuthorizer([{ user: "a", password: "b", permissions }])).toThrow("a..b");
  });
});
