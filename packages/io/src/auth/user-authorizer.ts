// SPDX-License-Identifier: Apache-2.0
import { type Authorizer, type User, type UserOptions, userAuthorizer as withoutHashes } from "@natswire/server";
import { checkNoMore, checkOptions } from "../options.ts";

/**
 * Accepts the users you list, by CONNECT's `user` and `pass`. If two have the same name, the first one counts.
 *
 * A password may be a bcrypt hash, `$2a$…`, as in a nats-server's configuration: the client sends the password of this hash.
 *
 * @throws UsageError BAD_FIELD if there are no users; if a field of a user is missing, unknown or of the wrong kind; if
 * `noAuthUser` is not the name of a user; if a password starts like a bcrypt hash and is not one
 * @throws UsageError BAD_SUBJECT if a permission is not a valid subject or pattern
 *
 * @example
 * ```js
 * import { connect, serve, userAuthorizer } from "@natswire/node";
 *
 * const hash = "$2b$04$QbbzLfTF22oD9VWaQDXn7.o8pXu4O7U4zENIUAQWCCTrCNk06fmme";
 * const users = [{ user: "ann", password: hash }, { user: "guest", password: "" }];
 * const server = await serve({ authorize: userAuthorizer(users, { noAuthUser: "guest" }) });
 * const guest = await connect(server.url);
 * const ann = await connect({ servers: server.url, user: "ann", pass: "s3cret" });
 * console.log(server.connections.map(({ info }) => info?.user).join()); // guest,ann
 * await Promise.all([guest.close(), ann.close()]);
 * await server.close();
 * ```
 */
export function userAuthorizer(users: readonly User[], options?: Pick<UserOptions, "noAuthUser">): Authorizer;
export function userAuthorizer(users: readonly User[], options: UserOptions = {}, ...more: unknown[]): Authorizer {
  checkNoMore(more, "userAuthorizer(users, { noAuthUser })");
  checkOptions(options, ["noAuthUser"], "userAuthorizer");
  return withoutHashes(users, { ...options, compareHash });
}

/** Loads bcrypt when the first hash is compared. */
async function compareHash(password: string, hash: string): Promise<boolean> {
  const { compare } = await import("bcryptjs");
  // nats-server reads $2x$ as $2a$.
  return compare(password, hash.replace("$2x$", "$2a$"));
}
