// SPDX-License-Identifier: Apache-2.0
import { UsageError } from "@natswire/codec";
import {
  type Authorizer,
  anyAuthorizer,
  jwtAuthorizer,
  nkeyAuthorizer,
  type Permissions,
  userAuthorizer,
} from "@natswire/node";
import { Failure } from "../output.ts";
import type { Config, ConfigPermissions, ConfigUser, UserList } from "./config.ts";
import { readJwt } from "./files.ts";

/** A user of a configuration. Without permissions of its own it has the default ones of its list. */
type ListedUser = ConfigUser & {
  /** Where it is listed, for errors. */
  readonly path: string;
  readonly account: string | undefined;
};

/** Returns the users of `authorization` and of all accounts. */
export function usersOf({ authorization, accounts }: Config): readonly ListedUser[] {
  const { user, password } = authorization ?? {};
  const single = user === undefined ? [] : [{ user, password, path: "authorization", account: undefined }];
  return [
    ...single,
    ...listed("authorization", authorization),
    ...[...(accounts ?? [])].flatMap(([name, account]) => listed(`accounts.${name}`, account, name)),
  ];
}

function listed(path: string, { users = [], default_permissions }: UserList = {}, account?: string): ListedUser[] {
  return users.map(({ permissions = default_permissions, ...user }, i) => ({
    ...user,
    permissions,
    path: `${path}.users[${i}]`,
    account,
  }));
}

/**
 * Returns the authorizer of a configuration; `undefined` if every client is accepted.
 *
 * @throws Failure that names the user, or the key, that is not valid
 */
export async function authorizerOf(config: Config): Promise<Authorizer | undefined> {
  const { authorization, no_auth_user: noAuthUser, operator, resolver_preload } = config;
  if (operator !== undefined) {
    const [operators, accounts] = [[readJwt(operator)], [...(resolver_preload?.values() ?? [])]];
    return jwtAuthorizer({ operators, accounts }).catch(at("operator or resolver_preload"));
  }
  const users: Parameters<typeof userAuthorizer>[0][number][] = [];
  const nkeys: Parameters<typeof nkeyAuthorizer>[0][number][] = [];
  for (const { path, user = "", password = "", nkey, account, permissions } of usersOf(config)) {
    const grant = { account, permissions: permissions && permissionsOf(permissions) };
    try {
      // Checks this user, so that the error can say which one it is.
      if (nkey === undefined) {
        users.push({ ...grant, user, password });
        userAuthorizer(users.slice(-1));
      } else {
        nkeys.push({ ...grant, nkey });
        nkeyAuthorizer(nkeys.slice(-1));
      }
    } catch (error) {
      at(path)(error);
    }
  }
  const authorizers = [
    ...(users.length > 0 ? [userAuthorizer(users, { noAuthUser })] : []),
    ...(nkeys.length > 0 ? [nkeyAuthorizer(nkeys)] : []),
  ];
  try {
    if (authorization?.token !== undefined) authorizers.push(tokenOrHashAuthorizer(authorization.token));
  } catch (error) {
    at("authorization.token")(error);
  }
  return authorizers.length === 0 ? undefined : anyAuthorizer(...authorizers);
}

/** Accepts clients with a token, which may be given as its bcrypt hash, as a password may. */
function tokenOrHashAuthorizer(token: string): Authorizer {
  const accepts = userAuthorizer([{ user: "token", password: token }]);
  return async ({ auth_token: pass = "" }, ...more) =>
    (await accepts({ user: "token", pass }, ...more)) === undefined ? undefined : {};
}

function permissionsOf({ publish, subscribe, allow_responses: allowResponses }: ConfigPermissions): Permissions {
  return { publish, subscribe, allowResponses };
}

/** Returns a handler that adds the place to the error of an authorizer. */
function at(path: string): (error: unknown) => never {
  return (error) => {
    throw error instanceof UsageError ? new Failure(`${path}: ${error.message}`) : error;
  };
}
