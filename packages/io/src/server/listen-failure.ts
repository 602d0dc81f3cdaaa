// SPDX-License-Identifier: Apache-2.0
import type { certificateError, listenError } from "./listen-errors.ts";

/**
 * Rejects with a `listenError`.
 *
 * @throws Error that says why the address cannot be listened on, and what to do
 */
export async function listenFailure(...given: Parameters<typeof listenError>): Promise<never> {
  throw (await errors(given[0])).listenError(...given);
}

/**
 * Rejects with a `certificateError`.
 *
 * @throws UsageError BAD_FIELD that says which certificate or key cannot be used
 */
export async function certificateFailure(...given: Parameters<typeof certificateError>): Promise<never> {
  throw (await errors(given[0])).certificateError(...given);
}

/** Loads the texts, which a server that starts never needs. Jest cannot load them in CommonJS: then the cause is thrown. */
function errors(cause: unknown): Promise<typeof import("./listen-errors.ts")> {
  return import("./listen-errors.ts").catch(() => Promise.reject(cause));
}
