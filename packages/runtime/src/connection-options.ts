// SPDX-License-Identifier: Apache-2.0
import type { Credentials, SessionConfig } from "@natswire/session";
import type { Clock } from "./clock.ts";

/** What a client says of who it is, when a server asks; asked anew for each connection. */
export type Authenticator = (nonce: string | undefined) => Credentials | Promise<Credentials>;

/** How to connect; names as NATS JavaScript users know them wherever the meaning is the same. */
export interface ConnectionOptions extends Partial<Omit<SessionConfig, "random" | "servers" | "hasCredentials">> {
  /** `nats://host:port` and the like; `nats://127.0.0.1:4222` where left out. */
  readonly servers?: string | readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly pass?: string | undefined;
  readonly token?: string | undefined;
  /** In place of the three above. One that throws costs the attempt. */
  readonly authenticator?: Authenticator | undefined;
  /** The machine's where left out. */
  readonly clock?: Clock | undefined;
}

/** The options as a session takes them, and who answers for the client. */
export function understood(options: ConnectionOptions): {
  readonly config: Omit<SessionConfig, "random">;
  readonly authenticator: Authenticator | undefined;
} {
  const { servers = "nats://127.0.0.1:4222", user, pass, token, clock, authenticator: own, ...rest } = options;
  const named = user !== undefined || token !== undefined;
  const authenticator = own ?? (named ? () => ({ user, pass, auth_token: token }) : undefined);
  const list = typeof servers === "string" ? [servers] : servers;
  const config = { ...rest, servers: list, hasCredentials: authenticator !== undefined } as Omit<
    SessionConfig,
    "random"
  >;
  return { config, authenticator };
}
