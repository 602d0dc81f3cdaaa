// SPDX-License-Identifier: Apache-2.0
import type { Connection, ConnectionOptions, Dial } from "@natswire/io";

/** The options that every adapter's `connect` accepts. */
export interface SuiteOptions extends Omit<ConnectionOptions, "tls" | "servers"> {
  readonly servers: string;
  readonly tls?: SuiteTls | undefined;
}

/** Certificates as PEM text. */
export interface SuiteTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What an adapter exports for the suite. */
export interface AdapterModule {
  /** Connects a client. */
  connect(options: SuiteOptions): Promise<Connection>;
  /** Returns the `Dial` that `connect` uses with these certificates. */
  dialWith(tls?: SuiteTls): Dial;
}

/** What a case runs in: the adapter under test, and servers of one kind. */
export interface Environment extends Endpoints, AdapterModule {
  /** Kills the server at `url` and starts it again on the same port. */
  restart(): Promise<void>;
  /** Opens a proxy to the server at `url`, for this case alone. */
  openProxy(): Promise<ControlledProxy>;
}

/** A proxy that a case controls. */
export interface ControlledProxy {
  /** Clients connect to it. */
  readonly url: string;
  /** Reads nothing more from clients, nor from the server for them. */
  hold(): Promise<void>;
  /** Forwards what was held, and what comes after it. */
  release(): Promise<void>;
  /** Resets the connections. */
  reset(): Promise<void>;
  /** Closes the last connection. Resolves to whether its client had closed it before; waits up to 5 seconds for that. */
  isLeft(): Promise<boolean>;
}

/** The URLs of the servers, and the credentials for them. All accept payloads of up to 1 MiB. */
export interface Endpoints {
  readonly url: string;
  /** The server at `url` through a proxy that sends the client one byte at a time. */
  readonly bytewise: string;
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
  /** Has a certificate of the known authority for another host. */
  readonly otherHost: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** Something every adapter must do. Throws if the adapter does not. */
export type Case = (environment: Environment) => Promise<void>;
export type Cases = Readonly<Record<string, Case>>;
