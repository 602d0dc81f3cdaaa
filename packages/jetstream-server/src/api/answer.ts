// SPDX-License-Identifier: Apache-2.0
import { type ApiSubject, parseApiSubject } from "@natswire/codec/jetstream";
import type { JetStreamAccount } from "../account.ts";
import { directGet } from "../stream/direct-get.ts";
import { accountApi } from "./account-api.ts";
import { ApiFailure } from "./api-failure.ts";
import { consumerApi } from "./consumer-api.ts";
import type { Handlers } from "./request.ts";
import { streamApi } from "./stream-api.ts";

const handlers: Handlers = { ...accountApi, ...streamApi, ...consumerApi };

/** The pattern of requests to the API. */
export const API = "$JS.API.>";

// Frequent, and not counted as a request: a server does the same.
const NEXT = "$JS.API.CONSUMER.MSG.NEXT.";

/** Requests messages of the consumer that a subject names. Answers 503 without one: no responders. */
function pull(account: JetStreamAccount, subject: string, reply: string, payload: Uint8Array): void {
  const end = subject.indexOf(".", NEXT.length);
  const consumer = account.streams.get(subject.slice(NEXT.length, end))?.consumers.get(subject.slice(end + 1));
  if (consumer !== undefined) consumer.pull(reply, payload);
  else account.publishStatus(reply, "503");
}

/**
 * Answers a request to the API. Ignores one without a reply, and one whose API is unknown: a server does the same.
 *
 * @param subject of the request
 */
export function answer(
  account: JetStreamAccount,
  subject: string,
  { reply, headers, payload }: { reply: string | undefined; headers: Uint8Array | undefined; payload: Uint8Array },
): void {
  if (reply === undefined) return;
  if (subject.startsWith(NEXT)) return pull(account, subject, reply, payload);
  const names: ApiSubject | undefined = parseApiSubject(subject);
  if (names === undefined) return;
  if (names.api === "DIRECT.GET") return directGet({ account, names, headers, payload, reply });
  const [type, handle, withError] = handlers[names.api] ?? [];
  if (type === undefined || handle === undefined) return;
  let fields: object | undefined;
  try {
    fields = handle({ account, names, headers, payload, reply });
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    account.errors++;
    fields = { error: error.body, ...withError };
  }
  // An answer counts the requests before it.
  account.requests++;
  if (fields === undefined) return;
  account.publishJson(reply, { type: `io.nats.jetstream.api.v1.${type}_response`, ...fields });
}
