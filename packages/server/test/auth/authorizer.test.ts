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
    const strict = userAuthorizer([{ user: "a", password: "b" }]);
    expect([tokenAuthorizer("t"), strict, anyAuthorizer(strict)].some(({ isOptional }) => isOptional)).toBe(false);
  });

  it("compares a password with a bcrypt hash, and an unknown name, too", async () => {
    const hash = `$2a$04$${"a".repeat(53)}`;
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

  const body = "./Az09".padEnd(53, "x");

  it.each([`$2a$04$${body}`, `$2b$10$${body}`, `$2x$29$${body}`, `$2y$31$${body}`])(
    "accepts the bcrypt hash %s",
    (password) => {
      expect(() => userAuthorizer([{ user: "a", password }], { compareHash: async () => true })).not.toThrow();
    },
  );

  it.each([
    ["no hash after the cost", "$2a$10$"],
    ["one character less", `$2a$10$${body.slice(1)}`],
    ["one character more", `$2b$10$${body}x`],
    ["an unknown character", `$2y$10$${body.replace("z", "_")}`],
    ["a line end", `$2y$10$${body}\n`],
    ["a cost of 03", `$2x$03$${body}`],
    ["a cost of 32", `$2a$32$${body}`],
  ])("throws if a bcrypt hash can match no password: %s", (_, password) => {
    const users = [
      { user: "ann", password: "b" },
      { user: "bob", password },
    ];
    expect(() => userAuthorizer(users, { compareHash: async () => true })).toThrow(
      'the password of "bob" starts like a bcrypt hash, and is not one: a hash has 60 characters, and a cost from 04 to 31',
    );
  });

  it("throws if it would deny every client", () => {
    const text = " is empty, which denies every client; omit authorize to accept every client";
    expect(() => userAuthorizer([])).toThrow(`the list of users${text}`);
    expect(() => anyAuthorizer()).toThrow(`the list of authorizers${text}`);
  });

  it.each([
    [{ pasword: "s3cret" }, 'unknown field "pasword"; did you mean "password"?'],
    [{ allowResponses: true }, 'unknown field "allowResponses"; it belongs in permissions'],
    [{ allow_responses: true }, 'unknown field "allow_responses"; it belongs in permissions'],
    [{ publish: { allow: ["a"] } }, 'unknown field "publish"; it belongs in permissions'],
    [{ deny: ["a"] }, 'unknown field "deny"; it belongs in permissions.publish or permissions.subscribe'],
    [{ roles: [] }, 'unknown field "roles"; the fields are user, password, permissions, account, expires'],
  ])("throws if a field of a user is unknown, and says what to write: %j", (more, text) => {
    const user = { user: "a", password: "b", ...more };
    expect(() => userAuthorizer([user])).toThrow(text);
    expect(() => tokenAuthorizer("t", more as object)).toThrow(text.slice(0, 20));
  });

  it("names the kind of a secret that is not a string, and not its value", () => {
    expect(() => tokenAuthorizer(1234 as never)).toThrow(/^the token must be a string, not a number$/);
    const users = [{ user: "a", password: 1234 as never }];
    expect(() => userAuthorizer(users)).toThrow(/^password must be a string, not a number$/);
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
