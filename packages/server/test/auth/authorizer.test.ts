// SPDX-License-Identifier: Apache-2.0
import type { ConnectInfo } from "@natswire/codec";
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
    [{ user: "d" }, "fourth"],
    [{ user: "d", pass: "4" }, undefined],
  ])("accepts a user by name and password: %j", (options, expected) => {
    const known = [
      { user: "a", password: "1", permissions: { publish: { allow: ["first"] } } },
      { user: "b", password: "2", permissions: { publish: { allow: ["second"] } } },
      { user: "d", password: "", permissions: { publish: { allow: ["fourth"] } } },
    ];
    const grant = userAuthorizer(known)(options, "", origin) as (typeof known)[0] | undefined;
    expect(grant?.permissions.publish.allow[0]).toBe(expected);
  });

  it("grants what the user has, without the password", () => {
    const authorize = userAuthorizer([{ user: "a", password: "1", account: "A" }]);
    expect(authorize({ user: "a", pass: "1" }, "", origin)).toEqual({ user: "a", account: "A" });
  });

  it("refuses two users with the same name", () => {
    const twice = ["1", "2"].map((password) => ({ user: "a", password }));
    expect(() => userAuthorizer(twice)).toThrow("two users have the same name; remove one of them");
  });

  it.each<[ConnectInfo, string | undefined]>([
    [{}, "guest"],
    [{ user: "", pass: "", auth_token: "" }, "guest"],
    [{ user: "guest", pass: "g" }, "guest"],
    [{ user: "guest" }, undefined],
    [{ pass: "g" }, undefined],
    [{ auth_token: "g" }, undefined],
    [{ nkey: "UA" }, undefined],
    [{ jwt: "x" }, undefined],
  ])("accepts clients without credentials as noAuthUser: %j", async (options, expected) => {
    const authorize = userAuthorizer([{ user: "guest", password: "g" }], { noAuthUser: "guest" });
    expect((await authorize(options, "", origin))?.user).toBe(expected);
    expect([authorize.isOptional, anyAuthorizer(tokenAuthorizer("t"), authorize).isOptional]).toEqual([true, true]);
    expect([tokenAuthorizer("t"), userAuthorizer([]), anyAuthorizer()].some(({ isOptional }) => isOptional)).toBe(
      false,
    );
  });

  it("compares a password with a bcrypt hash, and an unknown name, too", async () => {
    const hash = "$2a$04$abc";
    const compared: string[] = [];
    const compareHash = async (password: string, against: string): Promise<boolean> => {
      compared.push(`${password} ${against}`);
      return password === "right";
    };
    const users = [
      { user: "plain", password: "$2$x" },
      { user: "ann", password: hash },
    ];
    const authorize = userAuthorizer(users, { compareHash });
    const accepts = async (options: ConnectInfo): Promise<boolean> =>
      (await authorize(options, "", origin)) !== undefined;
    expect(await accepts({ user: "ann", pass: "right" })).toBe(true);
    for (const pass of ["wrong", hash]) expect(await accepts({ user: "ann", pass })).toBe(false);
    expect(await accepts({ user: "ann" })).toBe(false);
    expect(await accepts({ user: "eve", pass: "right" })).toBe(false);
    expect(compared).toEqual(["right", "wrong", hash, "right"].map((guess) => `${guess} ${hash}`));
    expect(await accepts({ user: "plain", pass: "$2$x" })).toBe(true);
    expect(() => userAuthorizer(users)).toThrow('the password of "ann" is a bcrypt hash, which needs compareHash');
  });

  it("throws if noAuthUser is not a user", () => {
    expect(() => userAuthorizer([{ user: "a", password: "b" }], { noAuthUser: "c" })).toThrow(
      'noAuthUser must be the name of a user, not "c"',
    );
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
