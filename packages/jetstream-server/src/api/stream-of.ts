// SPDX-License-Identifier: Apache-2.0
import type { Stream } from "../stream/stream.ts";
import { ApiFailure } from "./api-failure.ts";
import type { ApiRequest } from "./request.ts";

/** Returns the stream that a request names. @throws ApiFailure JSStreamNotFound */
export function streamOf({ account, names }: ApiRequest): Stream {
  const stream = names.stream === undefined ? undefined : account.streams.get(names.stream);
  if (stream === undefined) throw new ApiFailure("JSStreamNotFound");
  return stream;
}
