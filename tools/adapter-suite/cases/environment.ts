// SPDX-License-Identifier: Apache-2.0
import type { Connection, ConnectionOptions } from "@natswire/io";

/** The options that every adapter's `connect` accepts. */
export interface SuiteOptions extends Omit<ConnectionOptions, "tls" | "servers"> {
  readonly servers: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

/** What a case runs in: the adapter under test, and servers of one kind. */
export interface Environment extends Endpoints {
  /** The adapter's `connect`. */
  connect(options: SuiteOptions): Promise<Connection>;
  /** Kills the server at `url` and starts it again on the same port. */
  restart(): Promise<void>;
  /** Resets the connections to `resettable`. */
  reset(): Promise<void>;
}

/** The URLs of the servers, and the credentials for them. All accept payloads of up to 1 MiB. */
export interface Endpoints {
  readonly url: string;
  /** The server at `url` through a proxy that sends the client one byte at a time. */
  readonly bytewise: string;
  /** The server at `url` through a proxy that can reset connections. */
  readonly resettable: string;
  /** A port on which no server listens. */
  readonly closed: string;
  /** A server that accepts connections and never sends a byte. */
  readonly silent: string;
  readonly auth: AuthEndpoints;
  readonly tls: TlsEndpoints;
}

/** Servers that require credentials. */
export interface AuthEndpoints {
  readonly user: { readonly url: string; readonly user: string; readonly pass: string };
  readonly token: { readonly url: string; readonly token: string };
  /** Requires the signature of an nkey. */
  readonly nkey: { readonly url: string; readonly seed: string };
  /** Requires a JWT and a signature. `creds` is the text of a `.creds` file, which has both the JWT and the seed. */
  readonly jwt: { readonly url: string; readonly creds: string };
}

/** Servers that require TLS, and the certificates for them. */
export interface TlsEndpoints {
  readonly url: string;
  /** Starts TLS before INFO. */
  readonly handshakeFirst: string;
  /** Requires a client certificate. */
  readonly verify: string;
  /** Has a certificate of an unknown authority. */
  readonly untrusted: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Something every adapter must do. Throws if the adapter does not. */
export type Case = (environment: Environment) => Promise<void>;
export type Cases = Readonly<Record<string, Case>>;
