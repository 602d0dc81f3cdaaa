// SPDX-License-Identifier: Apache-2.0
import type { ApiSubject } from "@natswire/codec/jetstream";
import type { JetStreamAccount } from "../account.ts";

/** A request to the API. */
export interface ApiRequest {
  readonly account: JetStreamAccount;
  /** What its subject names. */
  readonly names: ApiSubject & {
    readonly stream?: string | undefined;
    readonly consumer?: string | undefined;
    readonly subject?: string | undefined;
  };
  readonly headers: Uint8Array | undefined;
  readonly payload: Uint8Array;
  readonly reply: string;
}

/**
 * Handles a request. Returns the fields of the answer, or `undefined` if it answers in another way.
 *
 * @throws ApiFailure what the answer says instead
 */
export type Handle = (request: ApiRequest) => object | undefined;

/** How an API is answered: the last part of the answer's `type`, what handles it, and what errors have in addition. */
export type Handler = readonly [type: string, handle: Handle, withError?: object];

/** Handlers by API. */
export type Handlers = Readonly<Partial<Record<ApiSubject["api"], Handler>>>;
