// SPDX-License-Identifier: Apache-2.0
import type { Connection, ConnectionOptions } from "@natswire/io";

/** What every adapter's `connect` understands. */
export interface SuiteOptions extends Omit<ConnectionOptions, "tls" | "servers"> {
  readonly servers: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
}

/** What the suite is played on: an adapter, and servers of one kind. */
export interface Ground extends Places {
  connect(options: SuiteOptions): Promise<Connection>;
  /** Ends the server at `url` without a word and starts it again there. */
  restart(): Promise<void>;
  /** Resets the connections that go by `resettable`. */
  reset(): Promise<void>;
}

/** Where the servers are, and what they want to know. All take payloads of 1 MiB, and no more. */
export interface Places {
  readonly url: string;
  /** The server at `url` by a line that brings what it says one byte at a time. */
  readonly bytewise: string;
  /** The same by a line that can be reset. */
  readonly resettable: string;
  /** Nobody listens there. */
  readonly nowhere: string;
  /** Somebody listens there, and never says a word. */
  readonly silent: string;
  readonly doors: Doors;
  readonly secure: Secure;
}

/** Servers that let in who says who it is. */
export interface Doors {
  /** By name and password. */
  readonly user: { readonly url: string; readonly user: string; readonly pass: string };
  readonly token: { readonly url: string; readonly token: string };
  /** By the signature of a key. */
  readonly nkey: { readonly url: string; readonly seed: string };
  /** By a JWT and the signature of its user's key: both are in the text of a `.creds` file. */
  readonly jwt: { readonly url: string; readonly creds: string };
}

/** Where TLS is spoken, and what with. */
export interface Secure {
  readonly url: string;
  /** Where TLS comes before everything else. */
  readonly first: string;
  /** Where a certificate of the client's is asked for. */
  readonly strict: string;
  /** Where the certificate is of an authority that nobody knows. */
  readonly strange: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A promise of every adapter, by the sentence that states it: it throws where the promise is broken. */
export type Case = (on: Ground) => Promise<void>;
export type Cases = Readonly<Record<string, Case>>;
